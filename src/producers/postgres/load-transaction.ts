import type { ClientBase } from 'pg';
import { TransientError } from '../../utils/errors.js';
import type { EncodedBatch } from './batch-encoder.js';
import { isSameCatalogue, readCatalogue } from './catalogue.js';
import { copyRows } from './copy-rows.js';
import { insertDeadLetters } from './dead-letters.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import { quoteTable } from './identifiers.js';
import { enterBatches } from './ledger.js';
import { markLoad } from './load-mark.js';
import { addRowLetter, type LetterOutcome, removeLetters } from './replay-letters.js';
import { ReplanError } from './sink-error.js';
import type { TablePlan } from './table-plan.js';

/** `SET LOCAL` only, so that a pooler may give the next transaction another connection. */
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = error`;

/** A group that was encoded. */
export interface LoadInput {
  readonly encoded: readonly EncodedBatch[];
  /** What the batches' ranges are of. */
  readonly out: CopyBuffer;
  /** Called for each part that the server has taken. */
  readonly onProgress: () => void;
}

/**
 * Commits rows, dead letters and ledger of a group together.
 *
 * @returns the batches that were loaded; the others the sink held already
 * @throws ReplanError when the table is not as planned
 */
export async function loadGroup(
  client: ClientBase,
  plan: TablePlan,
  { encoded, out, onProgress }: LoadInput,
): Promise<readonly EncodedBatch[]> {
  const place = { schema: plan.schema, target: plan.table };
  await client.query(`${BEGIN}; ${markLoad(encoded[0]?.batch.stageId ?? '', plan.table)}`);
  // Invariant 4: rows and ledger commit together, the ledger first.
  const entered = await enterBatches(client, place, encoded);
  if (entered.some(({ loadedRows }) => loadedRows > 0)) {
    await assertAsPlanned(client, plan);
    await copyRows(client, plan, entered, { out, onProgress });
  }
  await insertDeadLetters(client, place, entered);
  await commit(client);
  return entered;
}

/** Commits the rows of dead letters and the end of those letters together. */
export async function loadLetters(
  client: ClientBase,
  plan: TablePlan,
  outcomes: readonly LetterOutcome[],
  out: CopyBuffer,
): Promise<void> {
  await client.query(BEGIN);
  for (const { gone } of outcomes) await removeLetters(client, plan.schema, gone);
  const encoded = outcomes.map((outcome) => outcome.encoded);
  if (encoded.some(({ loadedRows }) => loadedRows > 0)) {
    await assertAsPlanned(client, plan);
    await copyRows(client, plan, encoded, { out, onProgress: () => {} });
  }
  for (const { added } of outcomes)
    for (const letter of added) await addRowLetter(client, plan.schema, letter);
  await commit(client);
}

/** Binary data in a column of another type can be stored as nonsense without an error, so the types are locked first. */
async function assertAsPlanned(client: ClientBase, plan: TablePlan): Promise<void> {
  await client.query(`LOCK TABLE ${quoteTable(plan.schema, plan.table)} IN ROW EXCLUSIVE MODE`);
  const catalogue = await readCatalogue(client, plan.schema, plan.table);
  if (isSameCatalogue(catalogue, plan.catalogue)) return;
  throw new ReplanError({
    code: 'sink.replan',
    message: `${plan.table}: expected the columns as planned, they have changed`,
  });
}

/** An aborted transaction answers COMMIT with ROLLBACK, and no error. */
async function commit(client: ClientBase): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command === 'COMMIT') return;
  const message = `expected the server to commit, it answered ${command}`;
  throw new TransientError({ code: 'sink.connection', message });
}
