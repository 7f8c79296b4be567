import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { measureFunctions, nonBlankLines } from './measure-functions.mjs';
import { ROOT } from './root.mjs';

const WORST = 5;
const HOT_PATHS_BELOW = 12;

/** The caps of the house style: what is measured, and the most it may be. */
const CAPS = [
  { title: 'lines per function', of: 'functions', figure: 'lines', median: 10, p90: 25, max: 50 },
  { title: 'complexity per function', of: 'functions', figure: 'complexity', max: 10 },
  { title: 'parameters per function', of: 'all', figure: 'parameters', max: 4 },
  { title: 'lines per file', of: 'files', figure: 'lines', median: 100, max: 300 },
];

/** @param {string} folder */
function sourcesIn(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /\.(ts|mjs|js)$/.test(file) && !/\.d\.m?ts$/.test(file))
    .map((file) => join(folder, file))
    .sort();
}

/** @param {string[]} folders */
function measure(folders) {
  const sources = folders.flatMap(sourcesIn).map((path) => ({ path, code: readFileSync(path, 'utf8') }));
  const all = sources.flatMap(({ path, code }) => measureFunctions(relative(ROOT, path), code));
  const files = sources.map(({ path, code }) => ({ name: relative(ROOT, path), lines: nonBlankLines(code) }));
  return { all, files, functions: all.filter(({ isHot }) => !isHot), hot: all.filter(({ isHot }) => isHot) };
}

/**
 * The nearest-rank percentile.
 *
 * @param {number[]} sorted
 * @param {number} fraction
 */
function percentile(sorted, fraction) {
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? 0;
}

/**
 * @param {typeof CAPS[number]} cap
 * @param {Record<string, unknown>[]} measured
 */
function report(cap, measured) {
  const having = measured.filter((one) => one[cap.figure] !== undefined);
  const worst = having.toSorted((a, b) => b[cap.figure] - a[cap.figure]);
  const sorted = worst.map((one) => one[cap.figure]).reverse();
  const found = { median: percentile(sorted, 0.5), p90: percentile(sorted, 0.9), max: sorted.at(-1) ?? 0 };
  const over = Object.keys(found).filter((key) => found[key] > (cap[key] ?? Infinity));
  print(cap, found, worst);
  return over.map((key) => `${cap.title}: ${key} ${found[key]}, expected at most ${cap[key]}`);
}

/**
 * @param {typeof CAPS[number]} cap
 * @param {Record<string, number>} found
 * @param {Record<string, unknown>[]} worst sorted
 */
function print(cap, found, worst) {
  const limit = (key) => (cap[key] === undefined ? '' : ` (≤ ${cap[key]})`);
  const figures = Object.keys(found).map((key) => `${key} ${found[key]}${limit(key)}`);
  console.log(`\n${cap.title}, of ${worst.length}: ${figures.join(', ')}`);
  const shown = worst.filter((one, index) => index < WORST || one[cap.figure] > cap.max);
  for (const one of shown) console.log(`  ${String(one[cap.figure]).padStart(4)}  ${one.name}`);
}

/** @param {{ name: string, lines?: number, complexity: number }[]} hot */
function reportHot(hot) {
  console.log(`\nhot paths, free of the caps on length and complexity: ${hot.length} (< ${HOT_PATHS_BELOW})`);
  for (const { name, lines, complexity } of hot)
    console.log(`  ${name}: ${lines} lines, complexity ${complexity}`);
  return hot.length < HOT_PATHS_BELOW
    ? []
    : [`hot paths: ${hot.length}, expected fewer than ${HOT_PATHS_BELOW}`];
}

function main() {
  const given = process.argv.slice(2);
  const measured = measure(given.length > 0 ? given : ['src', 'assembly'].map((name) => join(ROOT, name)));
  if (measured.all.length === 0) throw new Error('expected functions to measure, found none');
  const problems = CAPS.flatMap((cap) => report(cap, measured[cap.of]));
  problems.push(...reportHot(measured.hot));
  console.log(problems.length === 0 ? '\nWithin the caps.' : `\nAbove the caps:\n  ${problems.join('\n  ')}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

main();
