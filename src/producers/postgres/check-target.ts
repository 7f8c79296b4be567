import type { ClientBase } from 'pg';
import type { Batch } from '../../stages/stage.js';
import { BlockedError } from '../../utils/errors.js';
import { quoteTable } from './identifiers.js';
import { LEDGER_TABLE } from './ledger.js';

/** What the ledger and the catalogue say of a batch that the cursor has passed. */
interface TargetState {
  readonly isHeld: boolean;
  /** A table into which rows were loaded and that is not there. */
  readonly gone: string | null;
}

/**
 * Compares the cursor with the ledger before the first load of a run, and after a failed one: what the cursor has passed must be in this
 * target, or it was restored, emptied, or is another one.
 *
 * @param next the batch behind the cursor
 * @throws BlockedError saying how to load again what is staged
 */
export async function assertHoldsEarlier(
  client: ClientBase,
  place: { readonly schema: string; readonly targets: readonly string[] },
  next: Batch,
): Promise<void> {
  const { isHeld, gone } = await readState(client, place, next);
  const again = `to load again what is staged, stop the run, then: socket-el stage replay <config> <producer> --consumer ${next.consumer}`;
  if (!isHeld) {
    const message = `schema ${place.schema}: expected its ledger to hold batch ${next.previous} of ${next.consumer}, which was loaded before; it does not`;
    throw new BlockedError({
      code: 'sink.ledger_behind',
      message,
      hint: `is it another database or schema, or an older copy? ${again}`,
    });
  }
  if (gone !== null) {
    const message = `expected the table ${quoteTable(place.schema, gone)}, into which the ledger says that rows of ${next.consumer} were loaded; it is gone`;
    throw new BlockedError({ code: 'sink.target_missing', message, hint: `${again} --again` });
  }
}

async function readState(
  client: ClientBase,
  { schema, targets }: { readonly schema: string; readonly targets: readonly string[] },
  next: Batch,
): Promise<TargetState> {
  const ledger = quoteTable(schema, LEDGER_TABLE);
  const { rows } = await client.query<TargetState>(
    `SELECT $2 = 0 OR EXISTS (SELECT FROM ${ledger} WHERE stage_id = $1 AND (seq = $2 OR through >= $2)) AS "isHeld",
            (SELECT min(t.target) FROM unnest($3::text[], $4::text[]) AS t (target, name)
              WHERE to_regclass(t.name) IS NULL
                AND EXISTS (SELECT FROM ${ledger} l WHERE l.stage_id = $1 AND l.target = t.target AND l.rows > 0
                               AND ($2 > 0 OR l.seq >= $5 OR l.through >= $5))) AS gone`,
    [next.stageId, next.previous, targets, targets.map((target) => quoteTable(schema, target)), next.seq],
  );
  return rows[0] as TargetState;
}
