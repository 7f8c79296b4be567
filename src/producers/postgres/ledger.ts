import type { ClientBase } from 'pg';
import { BlockedError } from '../../utils/errors.js';
import type { EncodedBatch } from './batch-encoder.js';
import { DEAD_LETTER_TABLE } from './dead-letters.js';
import { quoteTable } from './identifiers.js';

/** The ledger: which batches this schema holds. */
export const LEDGER_TABLE = '_socket_el_loads';

/** The statement that makes the ledger. */
export function createLedger(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(schema, LEDGER_TABLE)} (
    stage_id uuid NOT NULL, seq int8 NOT NULL, target text NOT NULL, crc int8 NOT NULL, consumer text NOT NULL,
    bytes int8 NOT NULL, messages int8 NOT NULL, rows int8 NOT NULL, loaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stage_id, seq, target))`;
}

/**
 * Enters batches into the ledger, in order, and gives those that were not in it. It is the first statement of a load,
 * so a second loader of the same batches waits here until the first has committed or is gone.
 *
 * @throws BlockedError when a batch is there with other content: the stage was copied
 */
export async function enterBatches(
  client: ClientBase,
  place: { readonly schema: string; readonly target: string },
  group: readonly EncodedBatch[],
): Promise<readonly EncodedBatch[]> {
  const table = quoteTable(place.schema, LEDGER_TABLE);
  const { rows } = await client.query<{ seq: string }>(
    `INSERT INTO ${table} (stage_id, seq, target, crc, consumer, bytes, messages, rows)
     SELECT $1, seq, $2, crc, $3, bytes, messages, rows
       FROM unnest($4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[]) AS b (seq, crc, bytes, messages, rows)
      ORDER BY seq
     ON CONFLICT DO NOTHING RETURNING seq`,
    [
      group[0]?.batch.stageId,
      place.target,
      group[0]?.batch.consumer,
      group.map(({ batch }) => batch.seq),
      group.map(({ batch }) => batch.crc),
      group.map(({ batch }) => batch.byteLength),
      group.map(({ batch }) => batch.messages),
      group.map(({ loadedRows }) => loadedRows),
    ],
  );
  const entered = new Set(rows.map(({ seq }) => Number(seq)));
  const present = group.filter(({ batch }) => !entered.has(batch.seq));
  if (present.length > 0) await assertSameContent(client, place, present);
  return group.filter(({ batch }) => entered.has(batch.seq));
}

/** Removes what is known of a stage's batches from `first` on, dead letters too. @returns entries of the ledger removed */
export async function forgetBatches(
  client: ClientBase,
  schema: string,
  stageId: string,
  first: number,
): Promise<number> {
  await client.query('BEGIN');
  const where = 'WHERE stage_id = $1 AND seq >= $2';
  await client.query(`DELETE FROM ${quoteTable(schema, DEAD_LETTER_TABLE)} ${where}`, [stageId, first]);
  const { rowCount } = await client.query(`DELETE FROM ${quoteTable(schema, LEDGER_TABLE)} ${where}`, [
    stageId,
    first,
  ]);
  await client.query('COMMIT');
  return rowCount ?? 0;
}

async function assertSameContent(
  client: ClientBase,
  place: { readonly schema: string; readonly target: string },
  present: readonly EncodedBatch[],
): Promise<void> {
  const { rows } = await client.query<{ seq: string; crc: string }>(
    `SELECT seq, crc FROM ${quoteTable(place.schema, LEDGER_TABLE)} WHERE stage_id = $1 AND target = $2 AND seq = ANY($3)`,
    [present[0]?.batch.stageId, place.target, present.map(({ batch }) => batch.seq)],
  );
  const crcOf = new Map(rows.map(({ seq, crc }) => [Number(seq), Number(crc)]));
  const other = present.find(({ batch }) => crcOf.get(batch.seq) !== batch.crc);
  if (other === undefined) return;
  throw new BlockedError({
    code: 'sink.copied_stage',
    message: `batch ${other.batch.seq} of ${other.batch.consumer}: expected the content that the ledger has, got another: this stage was copied, and both copies were written to`,
    hint: `stop the run and make the copy a stage of its own: socket-el stage rekey <config> ${other.batch.consumer} --after ${other.batch.seq - 1}`,
  });
}
