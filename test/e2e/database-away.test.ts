import { expect, test } from 'vitest';
import { useOwnPostgres } from '../support/own-postgres.js';
import { residentMiB } from '../support/resident-memory.js';
import { stageBytes } from '../support/stage-files.js';
import { expectExact, startTrades, type TradesRun, untilFreshRow } from '../support/trades-run.js';
import { untilTime } from '../support/until.js';

const DOWN_SECONDS = Number(process.env.SOCKET_EL_DOWN_SECONDS ?? 20);
const SEED = 61;
const RATE = 5000;
const MIN_MESSAGE_BYTES = 150;
const GOING_AGAIN_MS = 30_000;

const server = useOwnPostgres();

/** The process's memory at each of so many seconds. */
async function sampleMemory({ cli }: TradesRun, seconds: number): Promise<number[]> {
  const startedMs = Date.now();
  const samples: number[] = [];
  while (samples.length < seconds) {
    await untilTime(startedMs + (samples.length + 1) * 1000);
    expect(cli.hasExited, 'the process lives').toBe(false);
    samples.push(await residentMiB(cli.pid));
  }
  return samples;
}

function expectFlat(samples: readonly number[]): void {
  const middle = samples.length >> 1;
  const [first, second] = [Math.max(...samples.slice(0, middle)), Math.max(...samples.slice(middle))];
  const [low, high] = [Math.min(...samples), Math.max(...samples)];
  const rounded = [low, high, first, second].map(Math.round);
  console.log(`RSS in MiB: ${rounded[0]} to ${rounded[1]}; at most ${rounded[2]}, then ${rounded[3]}`);
  expect(second, 'MiB in the second half').toBeLessThanOrEqual(1.15 * first + 16);
}

/** How many rows the ledger says are there; the table itself would take long to count. */
async function loadedRows({ database }: TradesRun): Promise<number> {
  const [row] = await database.query<{ rows: string }>('SELECT sum(rows) AS rows FROM test._socket_el_loads');
  return Number(row?.rows);
}

async function receivedMessages({ feed }: TradesRun): Promise<number> {
  const { issued, connections } = await feed.log('/live');
  return issued - (connections[0]?.openedSeq ?? 0);
}

/** Waits until not more than a second's messages are left to load. @returns rows a second since the first came */
async function catchUp(run: TradesRun): Promise<number> {
  const before = await loadedRows(run);
  const options = { timeoutMs: GOING_AGAIN_MS, intervalMs: 50, what: 'the first rows of the backlog' };
  await run.cli.whileRunning(async () => (await loadedRows(run)) > before, options);
  const startedMs = performance.now();
  const isDrained = async () => (await receivedMessages(run)) - (await loadedRows(run)) < RATE;
  const timeoutMs = 60_000 + DOWN_SECONDS * 1000;
  await run.cli.whileRunning(isDrained, { timeoutMs, intervalMs: 100, what: 'the end of the backlog' });
  return ((await loadedRows(run)) - before) / ((performance.now() - startedMs) / 1000);
}

test(
  `${DOWN_SECONDS} s without the database fill the stage and no memory, and the backlog drains`,
  async () => {
    const run = await startTrades({ seed: SEED, rate: RATE });
    const stage = run.workspace.stageOf('stage', 'trades');
    await server().shutDown();
    const before = await stageBytes(stage);
    const samples = await sampleMemory(run, DOWN_SECONDS);
    const grown = (await stageBytes(stage)) - before;
    await server().restart();
    const startedMs = performance.now();
    const rate = await catchUp(run);
    const tookMs = performance.now() - startedMs;
    console.log(
      `stage grew by ${grown} bytes; level ${Math.round(tookMs)} ms after the start, ${Math.round(rate)} rows/s`,
    );
    expectFlat(samples);
    expect(grown, 'bytes that the stage grew by').toBeGreaterThan(DOWN_SECONDS * RATE * MIN_MESSAGE_BYTES);
    expect(rate, 'rows a second').toBeGreaterThan(2 * RATE);
    await untilFreshRow(run, GOING_AGAIN_MS);
    await expectExact(run);
    expect(run.cli.stderr).not.toContain('blocked');
  },
  120_000 + DOWN_SECONDS * 4000,
);
