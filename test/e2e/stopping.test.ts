import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runnerOf } from '../support/cli.js';
import { startProxy } from '../support/commit-cut-proxy.js';
import { createDatabase } from '../support/database.js';
import { startFeed } from '../support/live-feed.js';
import { brief, faultsOf, judgeTable, missingBetween, NO_FAULTS, NONE, owedBy } from '../support/oracle.js';
import { until } from '../support/until.js';
import { createWorkspace, tradesConfig } from '../support/workspace.js';

const PLUGIN = fileURLToPath(new URL('../support/plugins/faulty.js', import.meta.url));
const SEED = 5;

test('a stop while the database answers nothing ends when the grace is over, and the next run loads the rest', async () => {
  const [feed, database] = await Promise.all([startFeed(), createDatabase()]);
  const proxy = await startProxy(database.profile());
  await feed.openLive('/live', { seed: SEED, rate: 1000 });
  const profile = database.profile(proxy.address);
  const workspace = await createWorkspace(tradesConfig({ uri: feed.uri('/live') }), profile);
  const cli = workspace.run('--grace', '1s');
  await cli.whileRunning(() => database.count('test.trades'), { timeoutMs: 20_000, what: 'first rows' });
  proxy.pause();
  const staged = (await feed.log('/live')).issued;
  await until(async () => (await feed.log('/live')).issued > staged + 1000, { timeoutMs: 10_000 });
  const { beforeMs } = cli.signal('SIGTERM');
  await cli.expectExit(0, 8000);
  expect(cli.summary()).toMatchObject({ status: 'cancelled', ended_by: 'signal' });
  proxy.resume();

  const second = workspace.run('--only', 'postgres', '--for', '3s');
  await second.expectExit(0, 20_000);
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect(brief(missingBetween(verdict, ...owedBy(log, 0, beforeMs)))).toEqual(NONE);
}, 60_000);

test('a stop before the database has answered at all ends at once', async () => {
  const [feed, database] = await Promise.all([startFeed(), createDatabase()]);
  const proxy = await startProxy(database.profile());
  proxy.pause();
  const profile = database.profile(proxy.address);
  const workspace = await createWorkspace(tradesConfig({ uri: feed.uri('/none') }), profile);
  const cli = workspace.run('--log-format', 'json');
  await until(() => proxy.connections > 0, { timeoutMs: 10_000 });
  const startedMs = performance.now();
  cli.signal('SIGTERM');
  await cli.expectExit(0, 5000);
  expect(performance.now() - startedMs).toBeLessThan(2000);
}, 30_000);

/** Two files, loaded by one producer. */
async function createTwoFiles(producer: string) {
  const database = await createDatabase();
  const workspace = await createWorkspace(
    `plugins: [${PLUGIN}]
runners:
  - {name: a, type: consumer, variety: file, path: a.ndjson}
  - {name: b, type: consumer, variety: file, path: b.ndjson}
  - ${producer}
`,
    database.profile(),
  );
  for (const name of ['a', 'b']) {
    await writeFile(join(dirname(workspace.configPath), `${name}.ndjson`), '{"n":1}\n{"n":2}\n');
  }
  return { database, workspace };
}

test('a producer that fails when everything is loaded is started again, and the run still ends', async () => {
  const producer = '{name: p, type: producer, variety: stumbling, depends_on: [a, b], marker: marker}';
  const { workspace } = await createTwoFiles(producer);
  const cli = workspace.run();
  await cli.expectExit(0, 20_000);
  expect(runnerOf(cli.summary(), 'p')).toMatchObject({ status: 'succeeded', restarts: 1 });
}, 30_000);

test('a producer with one source here and one in another process ends when both have ended', async () => {
  const producer = '{name: p, type: producer, variety: postgres, depends_on: [a, b]}';
  const { database, workspace } = await createTwoFiles(producer);
  const here = workspace.run('--only', 'a', 'p');
  const there = workspace.run('--only', 'b');
  await there.expectExit(0, 20_000);
  await here.expectExit(0, 20_000);
  expect(await database.count('test.a')).toBe(2);
  expect(await database.count('test.b')).toBe(2);
}, 50_000);
