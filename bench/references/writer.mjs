import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../scripts/root.mjs';
import { Child } from '../harness/child.mjs';
import { cpuSecondsOfEnded } from '../harness/processes.mjs';

/**
 * A program of this folder that makes one file of another and prints its time.
 *
 * @param {'duckdb-write.mjs' | 'parquetjs-write.mjs'} program
 * @param {string} input
 * @param {string} output
 * @returns {Promise<import('../harness/rounds.mjs').Sample>}
 */
export async function runWriter(program, input, output) {
  const before = cpuSecondsOfEnded();
  const child = new Child(process.execPath, [join(ROOT, 'bench/references', program), input, output]);
  const said = text(child.stdout);
  const { atMs } = await child.exit();
  const { ms } = JSON.parse(await said);
  return { ms, fromStartMs: atMs - child.startedMs, cpuSeconds: cpuSecondsOfEnded() - before };
}
