import type { ClientBase } from 'pg';
import type { Batch } from '../../stages/stage.js';
import { TransientError } from '../../utils/errors.js';
import { MessageBuffer } from '../../utils/message-buffer.js';
import type { Source } from '../producer.js';
import type { DeadLetter, EncodedBatch } from './batch-encoder.js';
import { DEAD_LETTER_TABLE } from './dead-letters.js';
import { quoteTable } from './identifiers.js';

const NEWLINE = 0x0a;

/** Where a dead letter stands in the order in which they are replayed. */
export interface LetterPlace {
  readonly stageId: string;
  readonly seq: number;
  readonly target: string;
  readonly ordinal: number;
}

/** A dead letter that is to be decoded again. */
export interface Letter extends LetterPlace {
  readonly consumer: string;
  readonly message: number;
  readonly isRow: boolean;
  readonly raw: Buffer;
  readonly receivedAtUs: number;
}

/** What the decoding of letters came to. */
export interface LetterOutcome {
  readonly encoded: EncodedBatch;
  /** Letters that are none any more. */
  readonly gone: readonly Letter[];
  /** Rows of such a letter that are dead letters by themselves, with the letter. */
  readonly added: readonly AddedLetter[];
}

/** A row of a letter's message that is a dead letter by itself. */
export interface AddedLetter {
  readonly letter: Letter;
  readonly target: string;
  readonly dead: DeadLetter;
}

/** Which letters are wanted. */
export interface LetterPage {
  readonly after: LetterPlace | undefined;
  readonly limit: number;
  /** Of which targets: another producer of the source sees to its own. */
  readonly targets: readonly string[];
}

/** The next letters of a source behind a place, in order. */
export async function readPage(
  client: ClientBase,
  table: string,
  source: Source,
  { after, limit, targets }: LetterPage,
): Promise<readonly Letter[]> {
  const { rows } = await client.query<Letter>(
    `SELECT stage_id AS "stageId", seq::float8 AS seq, ordinal, target, consumer, message::float8 AS message, is_row AS "isRow",
            raw, coalesce(extract(epoch FROM received_at) * 1e6, 0)::float8 AS "receivedAtUs"
       FROM ${table}
      WHERE consumer = $1 AND target = ANY($7) AND ($2::uuid IS NULL OR (stage_id, seq, target, ordinal) > ($2, $3, $4, $5))
      ORDER BY stage_id, seq, target, ordinal LIMIT $6`,
    [
      source.consumer,
      after?.stageId ?? null,
      after?.seq ?? 0,
      after?.target ?? '',
      after?.ordinal ?? 0,
      limit,
      targets,
    ],
  );
  return rows;
}

/** Letters as a batch, one message each, in order. */
export function lettersAsBatch(letters: readonly Letter[], source: Source, seq: number): Batch {
  const buffer = new MessageBuffer();
  for (const { raw } of letters) buffer.add(raw);
  const { bytes } = buffer.take();
  let at = 0;
  const receipts = letters.map(({ receivedAtUs }) => {
    const receipt = { offset: at, receivedAtUs, connection: 0 };
    at = bytes.indexOf(NEWLINE, at) + 1;
    return receipt;
  });
  return {
    stageId: letters[0]?.stageId ?? '',
    consumer: source.consumer,
    seq,
    messages: letters.length,
    byteLength: bytes.length,
    crc: 0,
    previous: 0,
    bytesThrough: 0,
    gaps: [],
    read: async () => ({ bytes, receipts }),
  };
}

/** Compares letters with what their batch was encoded to. */
export function judgeLetters(letters: readonly Letter[], encoded: EncodedBatch): LetterOutcome {
  const all = encoded.parts.flatMap(({ target, deadLetters }) =>
    deadLetters.map((dead) => ({ target, dead })),
  );
  const gone: Letter[] = [];
  const added: AddedLetter[] = [];
  for (const [i, letter] of letters.entries()) {
    const own = all.filter(({ dead }) => dead.message === i + 1);
    if (own.some(({ dead }) => !dead.isRow || letter.isRow)) continue;
    gone.push(letter);
    added.push(...own.map((each) => ({ letter, ...each })));
  }
  return { encoded, gone, added };
}

/** Takes letters out of the table, within the transaction that loads their rows. @throws TransientError when another replay has */
export async function removeLetters(
  client: ClientBase,
  schema: string,
  gone: readonly Letter[],
): Promise<void> {
  if (gone.length === 0) return;
  const { rowCount } = await client.query(
    `DELETE FROM ${quoteTable(schema, DEAD_LETTER_TABLE)} AS d
      USING unnest($1::uuid[], $2::int8[], $3::text[], $4::int4[]) AS g (stage_id, seq, target, ordinal)
      WHERE d.stage_id = g.stage_id AND d.seq = g.seq AND d.target = g.target AND d.ordinal = g.ordinal`,
    [
      gone.map(({ stageId }) => stageId),
      gone.map(({ seq }) => seq),
      gone.map(({ target }) => target),
      gone.map(({ ordinal }) => ordinal),
    ],
  );
  if (rowCount === gone.length) return;
  const message = `expected ${gone.length} dead letters as they were read, found ${rowCount}: another replay is running`;
  throw new TransientError({ code: 'sink.statement', message });
}

/** Sets a row of a letter's message aside by itself. */
export async function addRowLetter(
  client: ClientBase,
  schema: string,
  { letter, target, dead }: AddedLetter,
): Promise<void> {
  const table = quoteTable(schema, DEAD_LETTER_TABLE);
  const { stageId, seq, message } = letter;
  await client.query(
    `INSERT INTO ${table} (stage_id, seq, target, ordinal, consumer, message, is_row, reason, raw, received_at)
     SELECT $1, $2, $3, 1 + coalesce((SELECT max(ordinal) FROM ${table} WHERE stage_id = $1 AND seq = $2 AND target = $3), 0),
            $4, $5, true, $6, $7, to_timestamp($8)`,
    [stageId, seq, target, letter.consumer, message, dead.reason, dead.raw, letter.receivedAtUs / 1e6],
  );
}
