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

/** A way to end a load, and what the server then says. */
interface Strike {
  readonly call: 'pg_terminate_backend' | 'pg_cancel_backend';
  readonly sqlState: string;
  readonly count: number;
}

const STRIKES: readonly Strike[] = [
  { call: 'pg_terminate_backend', sqlState: '57P01', count: TERMINATES },
  { call: 'pg_cancel_backend', sqlState: '57014', count: Math.ceil(TERMINATES / 2) },
];

/** How often the log says that a load failed with that code. */
function countFailures({ cli }: TradesRun, sqlState: string): number {
  return cli.stderr.split(`(SQLSTATE ${sqlState})`).length - 1;
}

/** Strikes COPYs until so many loads have failed; now and then the same rows twice in a row. @returns how many */
async function strikeCopies(run: TradesRun, { call, sqlState, count }: Strike): Promise<number> {
  const random = createRandom(SEED);
  // A COPY that was struck stands there for a moment yet; one that ended just before leaves its connection to the next.
  const statement = `SELECT query_start::text AS copy, ${call}(pid) FROM pg_stat_activity
    WHERE ${IN_COPY} AND query_start::text <> $2`;
  let last = '';
  let struck = 0;
  for (; countFailures(run, sqlState) < count; struck++) {
    const findCopy = async () =>
      (await run.database.query<{ copy: string }>(statement, [run.role, last]))[0]?.copy;
    const options = { timeoutMs: 60_000, intervalMs: 1, what: 'a COPY' };
    last = await run.cli.whileRunning(findCopy, options);
    if (random() < 0.75) await untilFreshRow(run, GOING_AGAIN_MS);
  }
  return struck;
}

for (const strike of STRIKES) {
  const { call, sqlState, count } = strike;
  test(
    `${call} in the middle of a COPY, ${count} times, loses no row and doubles none`,
    async () => {
      const run = await startTrades({ seed: SEED, rate: 2 * RATE, size: 2000, interval: '500ms' });
      const struck = await strikeCopies(run, strike);
      await untilFreshRow(run, GOING_AGAIN_MS);
      await expectExact(run);
      console.log(
        `${call}: ${struck} COPYs, ${countFailures(run, sqlState)} failures with ${sqlState} in the log`,
      );
      expect(run.cli.stderr).not.toContain('blocked');
    },
    60_000 + count * 20_000,
  );
}
