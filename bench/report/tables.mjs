import { valuesOf } from '../harness/rounds.mjs';
import { spreadOf } from '../harness/statistics.mjs';
import { figureRows, HEADINGS, valueText } from './text.mjs';

/**
 * @param {readonly (readonly string[])[]} rows the first are the headings
 */
function markdownTable([headings, ...rows]) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What each contender took, with its CPU. */
function seriesRows({ id, series }) {
  const timed = Object.entries(series).filter(([, samples]) =>
    samples.every(({ ms, cpuSeconds }) => ms >= 0 && cpuSeconds >= 0),
  );
  return timed.map(([name, samples]) => [
    id,
    name,
    ...['ms', 'fromStartMs', 'cpuSeconds', 'serverCpuSeconds'].map((key) => spreadText(samples, key)),
  ]);
}

function spreadText(samples, key) {
  const values = valuesOf(samples, key);
  if (values.some((value) => value === undefined)) return '';
  return valueText({ value: spreadOf(values), unit: key.endsWith('Seconds') ? 's' : 'ms' });
}

function altOf(path) {
  return path.includes('goals')
    ? 'each figure by its goal'
    : `times of ${path.match(/w\d+/)[0].toUpperCase()}`;
}

/** On what it was measured: a line for each way there is. */
function runLines(results) {
  const lines = new Map();
  for (const { id, run } of results) {
    const text = runText(run);
    lines.set(text, [...(lines.get(text) ?? []), id]);
  }
  return [...lines].map(([text, ids]) => `- ${ids.join(', ')}: ${text}`);
}

function runText({ commit, at, rows, rounds, machine, versions }) {
  const { cpu, cores, memoryGiB, os } = machine;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `commit ${commit}, ${at.slice(0, 10)}, ${rows.toLocaleString('en-US')} rows, ${rounds} rounds; ${cores} cores of ${cpu}, ${memoryGiB} GiB, ${os}; ${named.join(', ')}`;
}

/**
 * The generated part of the page on performance.
 *
 * @param {readonly import('./results.mjs').Result[]} results
 * @param {readonly string[]} plots paths relative to the page
 */
export function reportText(results, plots) {
  const titles = results.map(({ id, title }) => `- **${id}** ${title}`);
  const headings = ['', 'contender', 'time', 'from its start', 'CPU', 'CPU of PostgreSQL'];
  return [
    ...titles,
    '',
    markdownTable([HEADINGS, ...figureRows(results)]),
    '',
    ...plots.map((path) => `![${altOf(path)}](${path})`),
    '',
    markdownTable([headings, ...results.flatMap(seriesRows)]),
    '',
    ...runLines(results),
  ].join('\n');
}
