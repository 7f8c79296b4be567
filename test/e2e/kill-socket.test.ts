import { expect, test } from 'vitest';
import { type CliProcess, runnerOf } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type FeedLog, type LiveFeed, startFeed } from '../support/live-feed.js';
import {
  brief,
  DURABLE_WITHIN_MS,
  faultsOf,
  judgeTable,
  missingBetween,
  NO_FAULTS,
  NONE,
  outsideGaps,
  owedBy,
  type Verdict,
} from '../support/oracle.js';
import { between, createRandom, pick } from '../support/random.js';
import { type RecordedGap, readGaps } from '../support/stage-files.js';
import { untilTime } from '../support/until.js';
import { createWorkspace, tradesConfig } from '../support/workspace.js';

const SEED_COUNT = Number(process.env.SOCKET_EL_KILL_SEEDS ?? 5);
const FIRST_SEED = Number(process.env.SOCKET_EL_KILL_FIRST_SEED ?? 1);
const RATE = 20_000;
const TABLE = 'test.trades';
/** A gap that began long before the kill, or ended long after reception did begin again, covers by being vague. */
const VAGUE_MS = 500;

interface Kill {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** Everything that was seen from outside of one kill and one restart. */
interface Story {
  readonly log: FeedLog;
  readonly verdict: Verdict;
  readonly gaps: readonly RecordedGap[];
  /** Those in the database. */
  readonly sinkGaps: readonly RecordedGap[];
  readonly kill: Kill;
  readonly stopMs: number;
  readonly second: CliProcess;
}

async function killAt(cli: CliProcess, database: TestDatabase, random: () => number): Promise<Kill> {
  await cli.whileRunning(() => database.count(TABLE), { timeoutMs: 20_000, what: 'first rows' });
  await untilTime(Date.now() + between(random, 300, 2500));
  const kill = cli.signal('SIGKILL');
  expect(await cli.exited).toMatchObject({ signal: 'SIGKILL' });
  return kill;
}

async function runAgain(cli: CliProcess, feed: LiveFeed, runMs: number): Promise<number> {
  const isConnected = async () => (await feed.log('/live')).connections.length > 1;
  await cli.whileRunning(isConnected, { timeoutMs: 20_000, what: 'a second connection' });
  await untilTime(Date.now() + runMs);
  const { beforeMs } = cli.signal('SIGTERM');
  await cli.expectExit(0);
  return beforeMs;
}

async function killAndRestart(seed: number): Promise<Story> {
  const random = createRandom(seed);
  const [feed, database] = await Promise.all([startFeed(), createDatabase()]);
  await feed.openLive('/live', { seed, rate: RATE });
  const batches = { size: pick(random, [100, 1000, 10_000]), interval: pick(random, ['100ms', '1s']) };
  const workspace = await createWorkspace(
    tradesConfig({ uri: feed.uri('/live'), ...batches }),
    database.profile(),
  );
  const kill = await killAt(workspace.run(), database, random);
  const second = workspace.run();
  const stopMs = await runAgain(second, feed, between(random, 800, 1200));
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: TABLE, seed, issued: log.issued });
  const gaps = await readGaps(workspace.stageOf('stage', 'trades'));
  return { log, verdict, gaps, sinkGaps: await gapsIn(database), kill, stopMs, second };
}

const rounded = ({ fromMs, toMs, reason }: RecordedGap) => [Math.round(fromMs), Math.round(toMs), reason];

function gapsIn(database: TestDatabase): Promise<RecordedGap[]> {
  return database.query(
    `SELECT (extract(epoch FROM from_at) * 1000)::float8 AS "fromMs", (extract(epoch FROM to_at) * 1000)::float8 AS "toMs", reason
       FROM test._socket_el_gaps WHERE consumer = 'trades' ORDER BY from_at`,
  );
}

function expectNothingDurableLost({ log, verdict, kill, stopMs }: Story): void {
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect(log.connections).toHaveLength(2);
  for (const [connection, endMs] of [kill.beforeMs, stopMs].entries()) {
    const [from, to] = owedBy(log, connection, endMs);
    expect(to - from, `messages owed by connection ${connection}`).toBeGreaterThan(RATE / 10);
    expect(brief(missingBetween(verdict, from, to)), `missing of connection ${connection}`).toEqual(NONE);
  }
}

function expectOneTightGap({ log, verdict, gaps, sinkGaps, kill }: Story): void {
  expect(gaps).toHaveLength(1);
  expect(sinkGaps.map(rounded), 'the database has the gap too').toEqual(gaps.map(rounded));
  const [{ fromMs, toMs }, [first, second]] = [gaps[0] as RecordedGap, log.connections];
  expect(fromMs, 'the gap begins before the kill').toBeLessThanOrEqual(kill.beforeMs);
  expect(toMs, 'the gap ends after the kill').toBeGreaterThanOrEqual(kill.afterMs);
  expect(fromMs, 'the gap begins late').toBeGreaterThan(kill.beforeMs - DURABLE_WITHIN_MS - VAGUE_MS);
  expect(toMs, 'the gap ends soon').toBeLessThan((second?.openedAt ?? 0) + VAGUE_MS);
  const missing = missingBetween(verdict, first?.openedSeq ?? 0, second?.openedSeq ?? 0);
  expect(missing.length, 'messages lost between the connections').toBeGreaterThan(0);
  expect(brief(outsideGaps(log, missing, gaps)), 'missing outside of every gap').toEqual(NONE);
}

function expectSaneSummary({ log, verdict, second }: Story): void {
  const summary = second.summary();
  expect(summary).toMatchObject({ status: 'succeeded', ended_by: 'signal' });
  const [consumer, producer] = [runnerOf(summary, 'trades'), runnerOf(summary, 'postgres')];
  const from = log.connections[1]?.openedSeq ?? 0;
  const received = log.issued - from - missingBetween(verdict, from, log.issued).length;
  expect(consumer).toMatchObject({ status: 'succeeded', messages: received, gaps: 1, restarts: 0 });
  expect(producer).toMatchObject({ status: 'succeeded', dead: 0, ignored: 0, restarts: 0 });
  expect(producer.loaded).toBeGreaterThanOrEqual(received);
  expect(producer.loaded).toBeLessThanOrEqual(verdict.rows);
}

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed++) {
  test(`a SIGKILL loses nothing that was sent 200 ms before and records one gap (seed ${seed})`, async () => {
    console.log(`kill-socket seed ${seed}`);
    const story = await killAndRestart(seed);
    expectNothingDurableLost(story);
    expectOneTightGap(story);
    expectSaneSummary(story);
  }, 90_000);
}
