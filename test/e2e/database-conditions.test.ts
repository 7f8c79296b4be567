import { expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import { useOwnPostgres } from '../support/own-postgres.js';
import { expectExact, startTrades, type TradesRun, untilFreshRow } from '../support/trades-run.js';

const SEED = 71;
const RATE = 2000;
/** A sink that is blocked is tried again after 30 s, any other after at most 15 s. */
const GOING_AGAIN_MS = 35_000;

/** Something in the database that keeps rows out until it is mended there. */
interface Condition {
  readonly name: string;
  readonly sqlState: string;
  readonly isBlocked?: boolean;
  begin(run: TradesRun, session: TestDatabase): Promise<void>;
  end(run: TradesRun, session: TestDatabase): Promise<void>;
}

useOwnPostgres();

/** Ends the role's sessions, because a session goes on as it was let in. */
async function disconnect({ role }: TradesRun, session: TestDatabase): Promise<void> {
  await session.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
}

async function expectSays({ cli }: TradesRun, sqlState: string): Promise<void> {
  const says = () => cli.stderr.includes(`SQLSTATE ${sqlState}`);
  await cli.whileRunning(says, { timeoutMs: 20_000, what: `SQLSTATE ${sqlState}` });
}

async function untilWaitsForLock(run: TradesRun, session: TestDatabase): Promise<void> {
  const waits = async () =>
    (
      await session.query("SELECT 1 FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'", [
        run.role,
      ])
    ).length > 0;
  await run.cli.whileRunning(waits, {
    timeoutMs: 10_000,
    intervalMs: 5,
    what: 'a load that waits for a lock',
  });
}

const CONDITIONS: readonly Condition[] = [
  {
    name: 'a database that takes no writes',
    sqlState: '25006',
    async begin(run, session) {
      await session.query(`ALTER DATABASE "${session.name}" SET default_transaction_read_only = on`);
      await disconnect(run, session);
    },
    async end(_run, session) {
      await session.query(`ALTER DATABASE "${session.name}" RESET default_transaction_read_only`);
    },
  },
  {
    name: 'a role that may have no connection more',
    sqlState: '53300',
    async begin(run, session) {
      await session.query(`ALTER ROLE ${run.role} CONNECTION LIMIT 0`);
      await disconnect(run, session);
    },
    async end(run, session) {
      await session.query(`ALTER ROLE ${run.role} CONNECTION LIMIT -1`);
    },
  },
  {
    name: 'an ALTER TABLE that is not committed',
    sqlState: '55P03',
    async begin(_run, session) {
      await session.query('BEGIN; ALTER TABLE test.trades ADD COLUMN remark text');
    },
    async end(_run, session) {
      await session.query('COMMIT');
    },
  },
  {
    name: 'a deadlock',
    sqlState: '40P01',
    // The load looks for a deadlock after one second of waiting, so it meets this one and we do not.
    async begin(run, session) {
      await session.query("BEGIN; SET LOCAL deadlock_timeout = '20s'; LOCK TABLE test.trades");
      await untilWaitsForLock(run, run.database);
      await session.query('LOCK TABLE test._socket_el_loads');
    },
    async end(_run, session) {
      await session.query('ROLLBACK');
    },
  },
  {
    name: 'a table that the role may not insert into',
    sqlState: '42501',
    isBlocked: true,
    async begin(run, session) {
      await session.query(`REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON test.trades FROM ${run.role}`);
    },
    async end(run, session) {
      await session.query(`GRANT INSERT, UPDATE, DELETE, TRUNCATE ON test.trades TO ${run.role}`);
    },
  },
];

for (const condition of CONDITIONS) {
  const { name, sqlState, isBlocked = false } = condition;
  test(`${name} holds rows up, and when it ends they go on by themselves`, async () => {
    const run = await startTrades({ seed: SEED, rate: RATE });
    const session = await run.database.openSession();
    await condition.begin(run, session);
    await expectSays(run, sqlState);
    await condition.end(run, session);
    const tookMs = await untilFreshRow(run, GOING_AGAIN_MS);
    console.log(`${sqlState}: going again after ${Math.round(tookMs)} ms`);
    await expectExact(run);
    expect(run.cli.stderr.includes('blocked'), 'blocked').toBe(isBlocked);
  }, 120_000);
}
