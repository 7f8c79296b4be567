import type { ClientBase } from 'pg';
import type { Batch } from '../../stages/stage.js';
import type { DeadLetter, EncodedPart } from './batch-encoder.js';
import { quoteTable } from './identifiers.js';

/** Messages and rows that were set aside, with the reason. */
export const DEAD_LETTER_TABLE = '_socket_el_dead_letters';

const ROWS_A_STATEMENT = 1000;
const BYTES_A_STATEMENT = 8 * 1024 * 1024;

/** The statement that makes the table of dead letters. */
export function createDeadLetters(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(schema, DEAD_LETTER_TABLE)} (
    stage_id uuid NOT NULL, seq int8 NOT NULL, ordinal int4 NOT NULL, target text NOT NULL, consumer text NOT NULL,
    message int8 NOT NULL, is_row bool NOT NULL, reason text NOT NULL, raw bytea NOT NULL, received_at timestamptz,
    set_aside_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (stage_id, seq, target, ordinal))`;
}

/** Inserts the dead letters of batches, within the transaction that loads their rows. */
export async function insertDeadLetters(
  client: ClientBase,
  schema: string,
  entered: readonly EncodedPart[],
): Promise<void> {
  for (const { batch, target, deadLetters } of entered) {
    let ordinal = 0;
    for (const part of parts(deadLetters)) {
      await client.query(insertStatement(schema), [
        batch.stageId,
        batch.seq,
        target,
        batch.consumer,
        part.map(() => ++ordinal),
        part.map(({ message }) => message),
        part.map(({ isRow }) => isRow),
        part.map(({ reason }) => reason.replaceAll('\0', '')),
        part.map(({ raw }) => raw),
        part.map(({ receivedAtUs }) => (receivedAtUs === undefined ? null : receivedAtUs / 1e6)),
      ]);
    }
  }
}

/** Removes the dead letters of sets that another one took the place of. */
export async function removeLettersBefore(
  client: ClientBase,
  schema: string,
  { stageId, seq }: Pick<Batch, 'stageId' | 'seq'>,
  targets: readonly string[],
): Promise<void> {
  const table = quoteTable(schema, DEAD_LETTER_TABLE);
  await client.query(`DELETE FROM ${table} WHERE stage_id = $1 AND seq < $2 AND target = ANY($3)`, [
    stageId,
    seq,
    targets,
  ]);
}

function insertStatement(schema: string): string {
  return `INSERT INTO ${quoteTable(schema, DEAD_LETTER_TABLE)}
      (stage_id, seq, ordinal, target, consumer, message, is_row, reason, raw, received_at)
    SELECT $1, $2, ordinal, $3, $4, message, is_row, reason, raw, to_timestamp(received_at)
      FROM unnest($5::int4[], $6::int8[], $7::bool[], $8::text[], $9::bytea[], $10::float8[])
        AS d (ordinal, message, is_row, reason, raw, received_at)`;
}

/** Cut so that no statement becomes too large for the server's memory. */
function* parts(deadLetters: readonly DeadLetter[]): Generator<readonly DeadLetter[]> {
  let part: DeadLetter[] = [];
  let bytes = 0;
  for (const letter of deadLetters) {
    part.push(letter);
    bytes += letter.raw.length;
    if (part.length < ROWS_A_STATEMENT && bytes < BYTES_A_STATEMENT) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}
