import type { ClientBase } from 'pg';
import { quoteTable } from './identifiers.js';
import { LEDGER_TABLE } from './ledger.js';
import { loadMark } from './load-mark.js';

const LOCK_NOT_AVAILABLE = '55P03';
/** As long as the two waits for a lock that come before. */
const AGE_MS = 20_000;

/** Whose loads are looked for. */
export interface LoadPlace {
  readonly schema: string;
  readonly stageId: string;
  readonly producer: string;
}

/** Whether a load gave up waiting for a lock. */
export function isLockTimeout(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === LOCK_NOT_AVAILABLE;
}

/**
 * Ends the backends of dead loaders of one stage by one producer: PostgreSQL waits without end for the rest of a COPY
 * whose sender is gone, if nothing says so. Only such are ended that bear the mark of these loads, hold the ledger, and
 * have been in their transaction for long and are waiting for their client. Call it while none of them is under way.
 *
 * @param ageMs how long they must have been in their transaction
 * @returns their process ids
 */
export async function terminateZombies(
  client: ClientBase,
  { schema, stageId, producer }: LoadPlace,
  ageMs: number = AGE_MS,
): Promise<readonly number[]> {
  // A plain WHERE may end processes before it looks at the other conditions.
  const { rows } = await client.query<{ pid: number }>(
    `WITH zombie AS MATERIALIZED (
       SELECT pid FROM pg_stat_activity AS activity
        WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
          AND right(application_name, length($1)) = $1
          AND wait_event = 'ClientRead' AND xact_start < clock_timestamp() - $2 * interval '1 ms'
          AND EXISTS (SELECT FROM pg_locks AS lock
                       WHERE lock.pid = activity.pid AND lock.relation = to_regclass($3) AND lock.granted))
     SELECT pid FROM zombie WHERE pg_terminate_backend(pid)`,
    [loadMark(stageId, producer), ageMs, quoteTable(schema, LEDGER_TABLE)],
  );
  return rows.map(({ pid }) => pid);
}
