import { join } from 'node:path';
import { ROOT } from '../../scripts/root.mjs';
import { Child } from '../harness/child.mjs';
import { SCHEMA } from '../harness/database.mjs';
import { cpuSecondsOfEnded } from '../harness/processes.mjs';
import { PSQL, psqlEnvironment } from '../harness/psql.mjs';

const PROGRAM = join(ROOT, 'bench/references/script.mjs');

/**
 * The script of twenty lines, from the first frame to the end of its psql. Nothing of it is durable before the commit.
 *
 * @param {import('../harness/bench.mjs').Bench} bench
 * @param {object} given
 * @param {import('../harness/feed.mjs').Feed} given.feed
 * @param {number} given.count
 * @param {string} given.table
 * @param {string} given.fingerprint
 * @returns {() => Promise<import('../harness/rounds.mjs').Sample>}
 */
export function scriptClient({ database }, { feed, count, table, fingerprint }) {
  const args = [PROGRAM, `${feed.url}/script?count=${count}&close=1`, `${SCHEMA}.${table}`, PSQL];
  return async () => {
    await database.reset([table]);
    feed.forget();
    const before = cpuSecondsOfEnded();
    const child = new Child(process.execPath, args, { env: psqlEnvironment(database.server) });
    const { atMs: firstMs } = await feed.next('first');
    const { atMs } = await child.exit();
    const cpuSeconds = cpuSecondsOfEnded() - before;
    await database.assertFingerprint(table, fingerprint);
    return { ms: atMs - firstMs, fromStartMs: atMs - child.startedMs, cpuSeconds };
  };
}
