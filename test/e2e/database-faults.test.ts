import { expect, test } from 'vitest';
import { useOwnPostgres } from '../support/own-postgres.js';
import { between, createRandom } from '../support/random.js';
import { expectExact, startTrades, type TradesRun, untilFreshRow } from '../support/trades-run.js';
import { untilTime } from '../support/until.js';

const CRASHES = Number(process.env.SOCKET_EL_CRASHES ?? 3);
const TERMINATES = Number(process.env.SOCKET_EL_TERMINATES ?? 10);
const SEED = Number(process.env.SOCKET_EL_FAULT_SEED ?? 53);
const RATE = 5000;
const GOING_AGAIN_MS = 30_000;

/** What of an activity says that it is a load's COPY. */
const IN_COPY = `datname = current_database() AND usename = $1 AND state = 'active' AND query LIKE 'COPY %'`;

const server = useOwnPostgres();

async function untilCopy({ cli, database, role }: TradesRun): Promise<void> {
  const findCopy = async () =>
    (await database.query(`SELECT 1 FROM pg_stat_activity WHERE ${IN_COPY}`, [role])).length > 0;
  await cli.whileRunning(findCopy, { timeoutMs: 60_000, intervalMs: 1, what: 'a COPY' });
}

test(
  `${CRASHES} crashes of the server lose no row and double none, and the process goes on`,
  async () => {
    console.log(`database-faults seed ${SEED}`);
    const random = createRandom(SEED);
    const run = await startTrades({ seed: SEED, rate: RATE, interval: '100ms' });
    const recoveries: number[] = [];
    for (let crash = 0; crash < CRASHES; crash++) {
      await untilTime(Date.now() + between(random, 300, 1500));
      // Every other time in a load, which is too short to be met by chance.
      if (crash % 2 === 0) await untilCopy(run);
      await server().crash();
      await untilTime(Date.now() + between(random, 0, 1500));
      await server().restart();
      recoveries.push(await untilFreshRow(run, GOING_AGAIN_MS));
    }
    const { duplicates_skipped } = await expectExact(run);
    console.log(`going again after ms: ${recoveries.map(Math.round)}; ledger skips: ${duplicates_skipped}`);
    expect(run.cli.stderr).not.toContain('blocked');
  },
  60_000 + CRASHES * 40_000,
);

/** Signals backends in COPY, one after another; now and then the same rows twice in a row. */
async function strikeCopies(run: TradesRun, strike: string, count: number): Promise<void> {
  const random = createRandom(SEED);
  const statement = `SELECT pid, ${strike}(pid) FROM pg_stat_activity
    WHERE ${IN_COPY} AND pid <> $2`;
  let last = 0;
  for (let struck = 0; struck < count; struck++) {
    const findCopy = async () =>
      (await run.database.query<{ pid: number }>(statement, [run.role, last]))[0]?.pid;
    const options = { timeoutMs: 60_000, intervalMs: 1, what: 'a COPY' };
    last = await run.cli.whileRunning(findCopy, options);
    if (random() < 0.75) await untilFreshRow(run, GOING_AGAIN_MS);
  }
}

/** How often the log says that a load failed with that code. */
function countFailures({ cli }: TradesRun, sqlState: string): number {
  return cli.stderr.split(`(SQLSTATE ${sqlState})`).length - 1;
}

for (const [strike, sqlState, count] of [
  ['pg_terminate_backend', '57P01', TERMINATES],
  ['pg_cancel_backend', '57014', Math.ceil(TERMINATES / 2)],
] as const) {
  test(
    `${strike} in the middle of a COPY, ${count} times, loses no row and doubles none`,
    async () => {
      const run = await startTrades({ seed: SEED, rate: 2 * RATE, size: 2000, interval: '500ms' });
      await strikeCopies(run, strike, count);
      await untilFreshRow(run, GOING_AGAIN_MS);
      await expectExact(run);
      const failures = countFailures(run, sqlState);
      console.log(`${strike}: ${count} COPYs, ${failures} failures with ${sqlState} in the log`);
      expect(failures, 'loads that were really hit').toBeGreaterThanOrEqual(count / 2);
      expect(run.cli.stderr).not.toContain('blocked');
    },
    60_000 + count * 20_000,
  );
}
