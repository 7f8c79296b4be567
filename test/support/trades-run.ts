import { expect } from 'vitest';
import { type CliProcess, type RunnerSummary, type RunSummary, runnerOf } from './cli.js';
import { createDatabase, createRole, type TestDatabase } from './database.js';
import { type FeedLog, type LiveFeed, startFeed } from './live-feed.js';
import {
  brief,
  faultsOf,
  judgeTable,
  missingBetween,
  NO_FAULTS,
  NONE,
  owedBy,
  type Verdict,
} from './oracle.js';
import { createWorkspace, type TradesConfig, tradesConfig, type Workspace } from './workspace.js';

const CHANNEL = '/live';
const TABLE = 'test.trades';

export interface TradesOptions extends Omit<TradesConfig, 'uri'> {
  readonly seed: number;
  /** Messages a second. */
  readonly rate: number;
  /** Loads through a Unix socket, which holds a few hundred KiB where TCP holds tens of MiB. */
  readonly hasUnixSocket?: boolean;
}

/** A running `socket-el` between a live feed and a database that others may not use. */
export interface TradesRun {
  readonly seed: number;
  readonly feed: LiveFeed;
  readonly database: TestDatabase;
  /** The role that loads: an ordinary one, which owns what it makes. */
  readonly role: string;
  readonly workspace: Workspace;
  readonly cli: CliProcess;
}

/** What was seen from outside of a run that has ended. */
export interface EndedRun {
  readonly log: FeedLog;
  readonly verdict: Verdict;
  readonly summary: RunSummary;
  /** When it was told to stop. */
  readonly stopMs: number;
}

/** Starts a feed and a run that loads it, and waits for the first rows. */
export async function startTrades(options: TradesOptions): Promise<TradesRun> {
  const { seed, rate, hasUnixSocket = false, ...config } = options;
  const [feed, role] = await Promise.all([startFeed(), createRole()]);
  const database = await createDatabase();
  await database.query(`GRANT CREATE ON DATABASE "${database.name}" TO ${role.user}`);
  await feed.openLive(CHANNEL, { seed, rate });
  const text = tradesConfig({ uri: feed.uri(CHANNEL), ...config });
  const place = hasUnixSocket ? { ...role, host: await unixSocketOf(database) } : role;
  const workspace = await createWorkspace(text, database.profile(place));
  const run = { seed, feed, database, role: role.user, workspace, cli: workspace.run() };
  await run.cli.whileRunning(() => database.hasTable(TABLE), { timeoutMs: 20_000, what: 'the table' });
  await untilFreshRow(run, 20_000);
  return run;
}

async function unixSocketOf(database: TestDatabase): Promise<string> {
  const [row] = await database.query<{ unix_socket_directories: string }>('SHOW unix_socket_directories');
  return row?.unix_socket_directories as string;
}

/** Waits until a message is in the table that is issued after now. @returns milliseconds */
export async function untilFreshRow({ cli, feed, database }: TradesRun, timeoutMs: number): Promise<number> {
  const startedMs = performance.now();
  const { issued } = await feed.log(CHANNEL);
  const isThere = async () =>
    (await database.query(`SELECT 1 FROM ${TABLE} WHERE seq >= $1 LIMIT 1`, [issued])).length > 0;
  await cli.whileRunning(isThere, { timeoutMs, intervalMs: 50, what: 'a fresh row' });
  return performance.now() - startedMs;
}

/** Ends a run by a signal, expects success, and every row that there is to be right and there once. */
export async function endTrades({ cli, feed, database, seed }: TradesRun): Promise<EndedRun> {
  const { beforeMs } = cli.signal('SIGTERM');
  await cli.expectExit(0, 60_000);
  const log = await feed.log(CHANNEL);
  const verdict = await judgeTable({ database, table: TABLE, seed, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  return { log, verdict, summary: cli.summary(), stopMs: beforeMs };
}

/**
 * Ends a run whose source was never away, and expects every message there once and no thread to have been restarted.
 *
 * @returns what the producer says of itself
 */
export async function expectExact(run: TradesRun): Promise<RunnerSummary> {
  const { log, verdict, summary, stopMs } = await endTrades(run);
  expect(log.connections).toHaveLength(1);
  expect(brief(missingBetween(verdict, ...owedBy(log, 0, stopMs)))).toEqual(NONE);
  const [consumer, producer] = [runnerOf(summary, 'trades'), runnerOf(summary, 'postgres')];
  const messages = verdict.rows;
  expect(consumer).toMatchObject({ status: 'succeeded', messages, gaps: 0, restarts: 0 });
  expect(producer).toMatchObject({ status: 'succeeded', messages, dead: 0, ignored: 0, restarts: 0 });
  return producer;
}
