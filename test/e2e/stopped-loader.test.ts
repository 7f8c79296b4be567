import { expect, test } from 'vitest';
import { runnerOf } from '../support/cli.js';
import { brief, missingBetween, NONE, outsideGaps, owedBy } from '../support/oracle.js';
import { useOwnPostgres } from '../support/own-postgres.js';
import { readGaps } from '../support/stage-files.js';
import {
  type EndedRun,
  endTrades,
  startTrades,
  type TradesRun,
  untilFreshRow,
} from '../support/trades-run.js';
import { untilTime } from '../support/until.js';

const SEED = 67;
const RATE = 10_000;
/** How long rows pile up for one COPY that is larger than what the socket holds. */
const BACKLOG_MS = 3000;
/** What the socket holds has been read by then. */
const SETTLED_MS = 500;
/** Longer than ping and pong may take. */
const STOPPED_MS = 5000;
const KEEPALIVE = 'keepalive: {ping_interval: 1s, pong_timeout: 2s}';

const IN_LARGE_COPY = `SELECT pid FROM pg_stat_progress_copy
  WHERE datname = current_database() AND bytes_processed > 100000`;
const WAITS_IN_COPY = `SELECT bytes_processed AS bytes FROM pg_stat_progress_copy JOIN pg_stat_activity USING (pid)
  WHERE pid = $1 AND wait_event = 'ClientRead'`;

useOwnPostgres();

async function pileUp({ database }: TradesRun): Promise<void> {
  const locker = await database.openSession();
  await locker.query('BEGIN; LOCK TABLE test.trades IN ACCESS EXCLUSIVE MODE');
  await untilTime(Date.now() + BACKLOG_MS);
  await locker.query('ROLLBACK');
}

async function isStuck({ database }: TradesRun, pid: number): Promise<boolean> {
  const look = async () => (await database.query<{ bytes: string }>(WAITS_IN_COPY, [pid]))[0]?.bytes;
  const before = await look();
  await untilTime(Date.now() + 300);
  return before !== undefined && before === (await look());
}

/** Stops the process in a COPY of which the server has a part and the process the rest; a late stop is taken back. */
async function stopInCopy(run: TradesRun): Promise<{ pid: number; stoppedMs: number }> {
  const { cli, database } = run;
  for (;;) {
    await pileUp(run);
    const findCopy = async () => (await database.query<{ pid: number }>(IN_LARGE_COPY))[0]?.pid;
    const pid = await cli.whileRunning(findCopy, { timeoutMs: 20_000, intervalMs: 1, what: 'a large COPY' });
    const { beforeMs } = cli.signal('SIGSTOP');
    await untilTime(beforeMs + SETTLED_MS);
    if (await isStuck(run, pid)) return { pid, stoppedMs: beforeMs };
    cli.signal('SIGCONT');
  }
}

async function expectRefused({ workspace, cli }: TradesRun, ...args: string[]): Promise<void> {
  const second = workspace.run(...args);
  await second.expectExit(3, 15_000);
  expect(second.stderr).toMatch(new RegExp(`\\bprocess ${cli.pid} on .* holds it`));
}

async function expectNothingSilentlyLost(run: TradesRun, ended: EndedRun, stoppedMs: number): Promise<void> {
  const { log, verdict, summary, stopMs } = ended;
  const gaps = await readGaps(run.workspace.stageOf('stage', 'trades'));
  console.log(`${log.connections.length} connections; gaps: ${JSON.stringify(gaps)}`);
  expect(gaps, 'a gap for each new connection').toHaveLength(log.connections.length - 1);
  expect(brief(missingBetween(verdict, ...owedBy(log, 0, stoppedMs)))).toEqual(NONE);
  const [, end] = owedBy(log, log.connections.length - 1, stopMs);
  const missing = missingBetween(verdict, log.connections[0]?.openedSeq ?? 0, end);
  expect(brief(outsideGaps(log, missing, gaps)), 'missing outside of every gap').toEqual(NONE);
  const messages = verdict.rows;
  expect(runnerOf(summary, 'trades')).toMatchObject({ messages, gaps: gaps.length, restarts: 0 });
  expect(runnerOf(summary, 'postgres')).toMatchObject({ messages, dead: 0, restarts: 0 });
}

test('a process stopped in the middle of a COPY keeps others out, and loads everything once when it goes on', async () => {
  const run = await startTrades({ seed: SEED, rate: RATE, consumerKeys: [KEEPALIVE], hasUnixSocket: true });
  const { pid, stoppedMs } = await stopInCopy(run);
  await Promise.all([expectRefused(run), expectRefused(run, '--only', 'postgres')]);
  await untilTime(stoppedMs + STOPPED_MS);
  expect(await run.database.query(WAITS_IN_COPY, [pid]), 'still in its COPY').toHaveLength(1);
  run.cli.signal('SIGCONT');
  await untilFreshRow(run, 30_000);
  await expectNothingSilentlyLost(run, await endTrades(run), stoppedMs);
}, 120_000);

test('a process that its source leaves while it is stopped records a gap of all that time', async () => {
  const run = await startTrades({ seed: SEED, rate: RATE });
  const { beforeMs: stoppedMs } = run.cli.signal('SIGSTOP');
  await untilTime(stoppedMs + 500);
  await run.feed.drop('/live');
  await untilTime(stoppedMs + 2500);
  run.cli.signal('SIGCONT');
  await untilFreshRow(run, 30_000);
  await expectNothingSilentlyLost(run, await endTrades(run), stoppedMs);
}, 60_000);
