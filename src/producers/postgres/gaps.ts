import type { ClientBase } from 'pg';
import type { EncodedPart } from './batch-encoder.js';
import { quoteTable } from './identifiers.js';

/** Intervals in which a source was not being received. */
export const GAP_TABLE = '_socket_el_gaps';

/** The statement that makes the table of gaps; `seq` is the batch before whose messages the gap lies. */
export function createGaps(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(schema, GAP_TABLE)} (
    stage_id uuid NOT NULL, seq int8 NOT NULL, consumer text NOT NULL, from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL, reason text NOT NULL, PRIMARY KEY (stage_id, from_at, to_at, reason))`;
}

/** Inserts the gaps before batches, within the transaction that loads their rows. */
export async function insertGaps(
  client: ClientBase,
  schema: string,
  entered: readonly EncodedPart[],
): Promise<void> {
  const batches = [...new Set(entered.map(({ batch }) => batch))].filter(({ gaps }) => gaps.length > 0);
  for (const { stageId, seq, consumer, gaps } of batches) {
    await client.query(
      `INSERT INTO ${quoteTable(schema, GAP_TABLE)} (stage_id, seq, consumer, from_at, to_at, reason)
       SELECT $1, $2, $3, timestamptz 'epoch' + from_us * interval '1 microsecond',
              timestamptz 'epoch' + to_us * interval '1 microsecond', reason
         FROM unnest($4::int8[], $5::int8[], $6::text[]) AS g (from_us, to_us, reason)
       ON CONFLICT DO NOTHING`,
      [
        stageId,
        seq,
        consumer,
        gaps.map(({ fromUs }) => fromUs),
        gaps.map(({ toUs }) => toUs),
        gaps.map(({ reason }) => reason.replaceAll('\0', '')),
      ],
    );
  }
}
