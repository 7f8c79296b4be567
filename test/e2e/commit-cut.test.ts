import { expect, test } from 'vitest';
import { type RunSummary, runnerOf } from '../support/cli.js';
import {
  type CutRule,
  everySecond,
  isCommitAnswer,
  isCommitRequest,
  type PgProxy,
  startProxy,
} from '../support/commit-cut-proxy.js';
import { createDatabase } from '../support/database.js';
import { startFeed } from '../support/live-feed.js';
import { brief, faultsOf, judgeTable, missingBetween, NO_FAULTS, NONE, owedBy } from '../support/oracle.js';
import { createWorkspace, tradesConfig } from '../support/workspace.js';

const CUTS = Number(process.env.SOCKET_EL_CUTS ?? 20);
const SEED = 31;

interface CutRun {
  readonly proxy: PgProxy;
  readonly summary: RunSummary;
}

/** Loads a live feed through a proxy that cuts by the rule until there were `cuts`, then checks that the table is exact. */
async function loadThroughCuts(rule: CutRule, cuts: number): Promise<CutRun> {
  const [feed, database] = await Promise.all([startFeed(), createDatabase()]);
  await feed.openLive('/live', { seed: SEED, rate: 5000 });
  const proxy = await startProxy(database.profile());
  proxy.rule = rule;
  const config = tradesConfig({ uri: feed.uri('/live'), size: 500, interval: '100ms' });
  const cli = (await createWorkspace(config, database.profile(proxy.address))).run();
  await cli.whileRunning(() => proxy.cuts >= cuts, { timeoutMs: 30_000 + cuts * 3000, what: `${cuts} cuts` });
  proxy.rule = () => false;
  const { beforeMs } = cli.signal('SIGTERM');
  await cli.expectExit(0, 60_000);
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect(log.connections).toHaveLength(1);
  expect(brief(missingBetween(verdict, ...owedBy(log, 0, beforeMs)))).toEqual(NONE);
  expect(runnerOf(cli.summary(), 'trades').messages).toBe(verdict.rows);
  return { proxy, summary: cli.summary() };
}

test('a connection cut at every second answer to COMMIT doubles no row and loses none', async () => {
  const { proxy, summary } = await loadThroughCuts(everySecond(isCommitAnswer), CUTS);
  expect(proxy.cuts).toBeGreaterThanOrEqual(CUTS);
  expect(summary.status).toBe('succeeded');
  expect(runnerOf(summary, 'postgres').duplicates_skipped, 'ledger skips').toBeGreaterThanOrEqual(proxy.cuts);
}, 180_000);

test('a connection cut before every second COMMIT reaches the server loses no row and doubles none', async () => {
  const { proxy, summary } = await loadThroughCuts(everySecond(isCommitRequest), Math.ceil(CUTS / 4));
  expect(proxy.cuts).toBeGreaterThanOrEqual(Math.ceil(CUTS / 4));
  expect(summary.status).toBe('succeeded');
  expect(runnerOf(summary, 'postgres').duplicates_skipped, 'nothing was there to skip').toBe(0);
}, 120_000);
