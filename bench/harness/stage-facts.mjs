import { closeSync, existsSync, fdatasyncSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from './clock.mjs';

const LOOK_MS = 5;

/**
 * Messages in the sealed batches of a stage, and in those that stand in Parquet files, by the manifest.
 *
 * @param {string} stage folder of one consumer
 * @returns {{ sealed: number, converted: number }}
 */
function countMessages(stage) {
  const facts = manifestFiles(stage).flatMap(factsIn);
  const sealed = facts.filter(({ fact }) => fact === 'sealed');
  const through = Math.max(0, ...facts.flatMap(({ fact, to }) => (fact === 'converted' ? [to] : [])));
  const sum = (batches) => batches.reduce((messages, batch) => messages + batch.messages, 0);
  return { sealed: sum(sealed), converted: sum(sealed.filter(({ seq }) => seq <= through)) };
}

/**
 * Looks until so many messages are sealed or converted, durably: the last line that is looked at is synced by us.
 *
 * @param {string} stage
 * @param {'sealed' | 'converted'} what
 * @param {number} messages
 * @returns {Promise<number>} when they were seen
 */
export async function untilStaged(stage, what, messages) {
  while (countMessages(stage)[what] < messages) await sleep(LOOK_MS);
  for (const path of manifestFiles(stage)) sync(path);
  return nowMs();
}

function manifestFiles(stage) {
  const folder = join(stage, 'manifest');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).toSorted();
  return names.map((name) => join(folder, name));
}

function factsIn(path) {
  // What stands behind the last newline is being written.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

function sync(path) {
  const file = openSync(path, 'r');
  fdatasyncSync(file);
  closeSync(file);
}
