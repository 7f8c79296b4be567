import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { createRandom } from './random.mjs';
import { findDrivers } from './surface/drivers.mjs';

const OPTIONS = {
  /** How many entries, or `all`. */
  prove: { type: 'string' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  /** Only entries whose name has this in it. */
  only: { type: 'string', default: '' },
};

const KINDS = ['key', 'verb', 'flag', 'code'];

/**
 * Lists what a user can write or read, each with the tests that drive it through the built command; a blank, or a test
 * of something that is not there, fails. With `--prove N` that many entries are disabled, one after another, each in a
 * copy of the command, and each must turn a test of it red.
 */
async function main() {
  const { values } = parseArgs({ options: OPTIONS });
  await build();
  // It needs what was only just built.
  const { surfaceEntries } = await import('./surface/entries.mjs');
  const entries = (await surfaceEntries()).filter(({ name }) => name.includes(values.only));
  if (entries.length === 0)
    throw new Error(`--only: expected a part of an entry's name, got "${values.only}"`);
  const drivers = findDrivers();
  list(entries, drivers);
  const faults = [...blanks(entries, drivers), ...(values.only === '' ? strangers(entries, drivers) : [])];
  if (values.prove !== undefined && faults.length === 0)
    faults.push(...(await prove(entries, drivers, values)));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

function list(entries, drivers) {
  const width = Math.max(...entries.map(({ name }) => name.length));
  for (const { name } of entries)
    for (const { file, line, effect } of drivers.filter(({ entry }) => entry === name))
      console.log(`${name.padEnd(width)}  ${file}:${line}  ${effect}`);
  const counts = KINDS.map((kind) => `${entries.filter((entry) => entry.kind === kind).length} ${kind}s`);
  console.log(`\n${counts.join(', ')}`);
}

function blanks(entries, drivers) {
  const driven = new Set(drivers.map(({ entry }) => entry));
  return entries.filter(({ name }) => !driven.has(name)).map(({ name }) => `no test drives: ${name}`);
}

function strangers(entries, drivers) {
  const known = new Set(entries.map(({ name }) => name));
  const unknown = drivers.filter(({ entry }) => !known.has(entry));
  return unknown.map(({ entry, file, line }) => `${file}:${line}: there is no "${entry}"`);
}

/** How many entries are to be disabled. */
function countOf(text, all) {
  if (text === 'all') return all;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`--prove: expected a number or all, got "${text}"`);
}

async function prove(entries, drivers, { prove: count, seed }) {
  const { proveEntries } = await import('./surface/prove.mjs');
  const random = createRandom(Number(seed));
  const shuffled = entries.map((entry) => ({ entry, at: random() })).sort((a, b) => a.at - b.at);
  const chosen = shuffled.slice(0, countOf(count, entries.length)).map(({ entry }) => entry);
  console.log(`\ndisabling ${chosen.length} of them, seed ${seed}`);
  return proveEntries(chosen, drivers);
}

await main();
