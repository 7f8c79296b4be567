import { expect, test } from 'vitest';
import type { CliProcess } from '../support/cli.js';
import { startProxy } from '../support/commit-cut-proxy.js';
import { createDatabase, createRole, isAccepted, type ProfileEntry } from '../support/database.js';
import { type LiveFeed, startFeed } from '../support/live-feed.js';
import { brief, faultsOf, judgeTable, missingBetween, NO_FAULTS, NONE, owedBy } from '../support/oracle.js';
import { countStagedMessages } from '../support/stage-files.js';
import { until } from '../support/until.js';
import { createWorkspace, tradesConfig } from '../support/workspace.js';

/** The promise is 2 s; a loaded machine may need a second to start Node. */
const REFUSED_WITHIN_MS = 3000;
const SEED = 41;

async function startLiveFeed(rate = 1000): Promise<LiveFeed> {
  const feed = await startFeed();
  await feed.openLive('/live', { seed: SEED, rate });
  return feed;
}

async function expectRefused(profile: ProfileEntry): Promise<CliProcess> {
  const feed = await startLiveFeed();
  const cli = (await createWorkspace(tradesConfig({ uri: feed.uri('/live') }), profile)).run();
  const { afterMs } = await cli.expectExit(3, 15_000);
  expect(afterMs, 'ms from start to exit').toBeLessThan(REFUSED_WITHIN_MS);
  expect((await feed.log('/live')).connections, 'sockets opened').toEqual([]);
  expect(cli.stderr).not.toContain(profile.password);
  return cli;
}

test('a wrong password ends the run with exit 3 before any socket opens', async () => {
  const database = await createDatabase();
  const { user } = await createRole();
  const profile = database.profile({ user, password: 'canary-wrong-password' });
  expect(await isAccepted(profile), 'the test server must ask for passwords').toBe(false);
  const cli = await expectRefused(profile);
  expect(cli.stderr).toMatch(/password/i);
  expect(cli.stderr).toContain(user);
}, 40_000);

test('a missing database ends the run with exit 3 and the statement that creates it', async () => {
  const database = await createDatabase();
  const cli = await expectRefused(database.profile({ database: 'socket_el_not_there' }));
  expect(cli.stderr).toMatch(/CREATE DATABASE "?socket_el_not_there\b/);
}, 40_000);

test('a role that may not create the schema ends the run with exit 3 and the statement that allows it', async () => {
  const role = await createRole();
  const database = await createDatabase();
  const cli = await expectRefused(database.profile(role));
  expect(cli.stderr).toMatch(/GRANT CREATE ON DATABASE|CREATE SCHEMA/);
  expect(cli.stderr).toContain(role.user);
  expect(await database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'test'")).toEqual([]);
}, 40_000);

test('a second run on a stage is refused with exit 3 and names the holder, which goes on unharmed', async () => {
  const [feed, database] = await Promise.all([startLiveFeed(), createDatabase()]);
  const workspace = await createWorkspace(tradesConfig({ uri: feed.uri('/live') }), database.profile());
  const holder = workspace.run();
  await holder.whileRunning(() => database.count('test.trades'), { timeoutMs: 20_000, what: 'first rows' });
  const second = workspace.run();
  await second.expectExit(3, 15_000);
  expect(second.stderr).toMatch(new RegExp(`\\b${holder.pid}\\b`));
  const before = await database.count('test.trades');
  const goesOn = async () => (await database.count('test.trades')) > before;
  await holder.whileRunning(goesOn, { timeoutMs: 10_000, what: 'rows after the second run' });
  const { beforeMs } = holder.signal('SIGTERM');
  await holder.expectExit(0);
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect(log.connections, 'sockets opened by both').toHaveLength(1);
  expect(brief(missingBetween(verdict, ...owedBy(log, 0, beforeMs)))).toEqual(NONE);
}, 60_000);

test('rows wait in the stage while the database is down and land when it is back', async () => {
  const [feed, database] = await Promise.all([startLiveFeed(5000), createDatabase()]);
  const proxy = await startProxy(database.profile());
  const workspace = await createWorkspace(
    tradesConfig({ uri: feed.uri('/live') }),
    database.profile(proxy.address),
  );
  const cli = workspace.run();
  await cli.whileRunning(() => database.count('test.trades'), { timeoutMs: 20_000, what: 'first rows' });
  await proxy.refuse();
  const stage = workspace.stageOf('stage', 'trades');
  const [stagedBefore, loadedBefore] = [
    await countStagedMessages(stage),
    await database.count('test.trades'),
  ];
  const hasGrown = async () => (await countStagedMessages(stage)) > stagedBefore + 10_000;
  await cli.whileRunning(hasGrown, { timeoutMs: 20_000, intervalMs: 200, what: '10,000 more in the stage' });
  expect(await database.count('test.trades')).toBe(loadedBefore);
  await proxy.accept();
  const isCaughtUp = async () => (await database.count('test.trades')) > loadedBefore + 10_000;
  await cli.whileRunning(isCaughtUp, { timeoutMs: 60_000, intervalMs: 100, what: 'the rows of the outage' });
  const { beforeMs } = cli.signal('SIGTERM');
  await cli.expectExit(0);
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect(log.connections, 'the socket was never dropped').toHaveLength(1);
  expect(brief(missingBetween(verdict, ...owedBy(log, 0, beforeMs)))).toEqual(NONE);
  await until(() => cli.summary().status === 'succeeded', {
    timeoutMs: 1000,
    what: 'a summary that succeeded',
  });
}, 120_000);
