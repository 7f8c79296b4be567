import type { ClientBase } from 'pg';
import type { Batch } from '../../stages/stage.js';
import { BlockedError } from '../../utils/errors.js';
import { quoteTable } from './identifiers.js';
import { LEDGER_TABLE } from './ledger.js';

/** What the ledger and the catalogue say of a batch that the cursor has passed. */
interface TargetState {
  readonly isHeld: boolean;
  readonly hasRows: boolean;
  readonly isThere: boolean;
}

/**
 * Compares the cursor with the ledger before the first load of a run: what the cursor has passed must be in this
 * target, or it was restored, emptied, or is another one.
 *
 * @param next the batch behind the cursor
 * @throws BlockedError saying how to load again what is staged
 */
export async function assertHoldsEarlier(
  client: ClientBase,
  place: { readonly schema: string; readonly target: string },
  next: Batch,
): Promise<void> {
  if (next.previous === 0) return;
  const { isHeld, hasRows, isThere } = await readState(client, place, next);
  const table = quoteTable(place.schema, place.target);
  const again = `to load again what is staged, stop the run, then: socket-el stage replay <config> <producer> --consumer ${next.consumer}`;
  if (!isHeld) {
    const message = `schema ${place.schema}: expected its ledger to hold batch ${next.previous} of ${next.consumer}, which was loaded before; it does not`;
    throw new BlockedError({
      code: 'sink.ledger_behind',
      message,
      hint: `is it another database or schema, or an older copy? ${again}`,
    });
  }
  if (hasRows && !isThere) {
    const message = `expected the table ${table}, into which the ledger says that rows of ${next.consumer} were loaded; it is gone`;
    throw new BlockedError({ code: 'sink.target_missing', message, hint: `${again} --again` });
  }
}

async function readState(
  client: ClientBase,
  { schema, target }: { readonly schema: string; readonly target: string },
  next: Batch,
): Promise<TargetState> {
  const ledger = quoteTable(schema, LEDGER_TABLE);
  const { rows } = await client.query<TargetState>(
    `SELECT EXISTS (SELECT FROM ${ledger} WHERE stage_id = $1 AND seq = $2) AS "isHeld",
            EXISTS (SELECT FROM ${ledger} WHERE stage_id = $1 AND target = $3 AND rows > 0) AS "hasRows",
            to_regclass($4) IS NOT NULL AS "isThere"`,
    [next.stageId, next.previous, target, quoteTable(schema, target)],
  );
  return rows[0] as TargetState;
}
