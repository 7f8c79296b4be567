import { expect, test } from 'vitest';
import { type CliProcess, runnerOf } from '../support/cli.js';
import { type PgProxy, startProxy } from '../support/commit-cut-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type LiveFeed, startFeed } from '../support/live-feed.js';
import {
  brief,
  DURABLE_WITHIN_MS,
  faultsOf,
  judgeTable,
  missingBetween,
  NO_FAULTS,
  NONE,
  owedBy,
} from '../support/oracle.js';
import { readGaps } from '../support/stage-files.js';
import { untilTime } from '../support/until.js';
import { createWorkspace, tradesConfig, type Workspace } from '../support/workspace.js';

const SEED = 61;
const SIGNALS = [
  { name: 'SIGTERM', second: 143 },
  { name: 'SIGINT', second: 130 },
] as const;

interface Scene {
  readonly feed: LiveFeed;
  readonly database: TestDatabase;
  readonly proxy: PgProxy;
  readonly workspace: Workspace;
}

async function openScene(): Promise<Scene> {
  const [feed, database] = await Promise.all([startFeed(), createDatabase()]);
  await feed.openLive('/live', { seed: SEED, rate: 5000 });
  const proxy = await startProxy(database.profile());
  // Batches this large and slow leave an open one that only the shutdown seals.
  const config = tradesConfig({ uri: feed.uri('/live'), size: 1_000_000, interval: '700ms' });
  const workspace = await createWorkspace(config, database.profile(proxy.address));
  return { feed, database, proxy, workspace };
}

async function startLoading({ database, workspace }: Scene): Promise<CliProcess> {
  const cli = workspace.run();
  await cli.whileRunning(() => database.count('test.trades'), { timeoutMs: 20_000, what: 'first rows' });
  return cli;
}

/** What was sent on each connection before its end must be there once; returns the number of rows. */
async function expectOwedRows({ feed, database }: Scene, endsMs: readonly number[]): Promise<number> {
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect(log.connections).toHaveLength(endsMs.length);
  for (const [connection, endMs] of endsMs.entries()) {
    expect(
      brief(missingBetween(verdict, ...owedBy(log, connection, endMs))),
      `connection ${connection}`,
    ).toEqual(NONE);
  }
  return verdict.rows;
}

for (const { name, second } of SIGNALS) {
  test(`one ${name} drains: all that was received is loaded and the exit code is 0`, async () => {
    const scene = await openScene();
    const cli = await startLoading(scene);
    const { beforeMs } = cli.signal(name);
    await cli.expectExit(0);
    const rows = await expectOwedRows(scene, [beforeMs]);
    expect(cli.summary()).toMatchObject({ status: 'succeeded', ended_by: 'signal' });
    expect(runnerOf(cli.summary(), 'trades').messages).toBe(rows);
    expect(runnerOf(cli.summary(), 'postgres').loaded).toBe(rows);
  }, 60_000);

  test(`a second ${name} ends at once with ${second} and the next start loses nothing durable`, async () => {
    const scene = await openScene();
    const cli = await startLoading(scene);
    scene.proxy.pause();
    await untilTime(Date.now() + 500);
    const firstMs = cli.signal(name).beforeMs;
    await untilTime(Date.now() + 2 * DURABLE_WITHIN_MS);
    expect(cli.hasExited, 'ended although the database stands still').toBe(false);
    const againMs = cli.signal(name).beforeMs;
    await cli.expectExit(second, 2000);
    expect(Date.now() - againMs).toBeLessThan(2000);
    scene.proxy.resume();
    const next = await startLoading(scene);
    const isReceiving = async () => (await scene.feed.log('/live')).connections.length === 2;
    await next.whileRunning(isReceiving, { timeoutMs: 20_000, what: 'a second connection' });
    await untilTime(Date.now() + 500);
    const stopMs = next.signal('SIGTERM').beforeMs;
    await next.expectExit(0);
    await expectOwedRows(scene, [firstMs, stopMs]);
    expect(await readGaps(scene.workspace.stageOf('stage', 'trades'))).toHaveLength(1);
  }, 90_000);
}
