import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/root.mjs';

export const RESULTS_FILE = join(ROOT, 'bench/results.json');

/**
 * @typedef {object} Result of one workload
 * @property {string} id
 * @property {string} title
 * @property {Record<string, unknown>} run commit, time, machine, versions, rows, rounds
 * @property {import('../harness/figure.mjs').Figure[]} figures
 * @property {Record<string, import('../harness/rounds.mjs').Sample[]>} series
 */

/** @typedef {{ workloads: Result[] }} Results */

/**
 * Puts new results in the place of old ones of the same workloads.
 *
 * @param {Results} old
 * @param {readonly Result[]} fresh
 * @returns {Results}
 */
export function mergeResults(old, fresh) {
  const ids = new Set(fresh.map(({ id }) => id));
  const all = [...old.workloads.filter(({ id }) => !ids.has(id)), ...fresh];
  return { workloads: all.toSorted((a, b) => numberOf(a) - numberOf(b)) };
}

const numberOf = ({ id }) => Number(id.slice(1));

/**
 * @param {string} path
 * @returns {Results} none when there is no such file
 */
export function readResults(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { workloads: [] };
}

/**
 * @param {string} path
 * @param {Results} results
 */
export function writeResults(path, results) {
  writeFileSync(`${path}.tmp`, `${JSON.stringify(results, rounded, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}

/** Six digits are more than any clock here is good for. */
function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
