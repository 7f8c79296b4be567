import type { ClientBase } from 'pg';
import { BlockedError } from '../../utils/errors.js';
import type { EncodedPart } from './batch-encoder.js';
import { DEAD_LETTER_TABLE } from './dead-letters.js';
import { quoteLiteral, quoteTable } from './identifiers.js';

/** The ledger: which batches this schema holds. */
export const LEDGER_TABLE = '_socket_el_loads';

/** Number of the advisory locks on a stage's part of the ledger: "lead" in ASCII. */
const LEDGER_LOCK = 0x6c656164;
/** The row that stands for those of the batches from its `since` up to its `through`. */
const THROUGH_SEQ = 0;
/** So many batches a target, at least, keep a row each; older rows are put together so many at a time. */
const KEPT = 10_000;
const COLLAPSED_AT_ONCE = 5000;

/** The statement that makes the ledger. */
export function createLedger(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(schema, LEDGER_TABLE)} (
    stage_id uuid NOT NULL, seq int8 NOT NULL, target text NOT NULL, crc int8 NOT NULL, consumer text NOT NULL,
    bytes int8 NOT NULL, messages int8 NOT NULL, rows int8 NOT NULL, since int8, through int8,
    loaded_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (stage_id, seq, target))`;
}

/** The statement before that which enters parts: what comes after it sees the rows that were put together while it waited. */
export function lockLedger(stageId: string): string {
  return `SELECT pg_advisory_xact_lock_shared(${LEDGER_LOCK}, hashtext(${quoteLiteral(stageId)}))`;
}

/** A line that is in the ledger now, and was not. */
export interface EnteredLine {
  readonly seq: string;
  readonly target: string;
}

/**
 * The statement that enters parts of batches of one stage into the ledger, in order, and gives those that were not in it.
 * It is the first thing of a load, behind `lockLedger`, so a second loader of the same batches waits here until the first
 * has committed or is gone.
 */
export function enterStatement(schema: string, parts: readonly EncodedPart[]): string {
  const table = quoteTable(schema, LEDGER_TABLE);
  const { stageId = '', consumer = '' } = parts[0]?.batch ?? {};
  const id = `${quoteLiteral(stageId)}::uuid`;
  const columns = [
    integers(parts.map(({ batch }) => batch.seq)),
    `${quoteLiteral(`{${parts.map(({ target }) => quoteElement(target)).join(',')}}`)}::text[]`,
    integers(parts.map(({ batch }) => batch.crc)),
    integers(parts.map(({ batch }) => batch.byteLength)),
    integers(parts.map(({ batch }) => batch.messages)),
    integers(parts.map(({ loadedRows }) => loadedRows)),
  ];
  return `
    INSERT INTO ${table} (stage_id, seq, target, crc, consumer, bytes, messages, rows)
    SELECT ${id}, seq, target, crc, ${quoteLiteral(consumer)}, bytes, messages, rows
      FROM unnest(${columns.join(', ')}) AS b (seq, target, crc, bytes, messages, rows)
     WHERE NOT EXISTS (SELECT FROM ${table} l
                        WHERE l.stage_id = ${id} AND l.seq = ${THROUGH_SEQ} AND l.target = b.target
                          AND b.seq BETWEEN l.since AND l.through)
     ORDER BY seq, target
    ON CONFLICT DO NOTHING RETURNING seq, target`;
}

function integers(values: readonly number[]): string {
  return `'{${values.join(',')}}'::int8[]`;
}

/** A text as it must stand in the literal of an array. */
function quoteElement(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** @throws BlockedError as `takeEntered` */
export async function enterParts(
  client: ClientBase,
  schema: string,
  parts: readonly EncodedPart[],
): Promise<readonly EncodedPart[]> {
  const { rows } = await client.query<EnteredLine>(enterStatement(schema, parts));
  return takeEntered(client, schema, parts, rows);
}

/**
 * The parts that are to be loaded, by what `enterStatement` gave.
 *
 * @throws BlockedError when a batch is there with other content: the stage was copied
 */
export async function takeEntered(
  client: ClientBase,
  schema: string,
  parts: readonly EncodedPart[],
  rows: readonly EnteredLine[],
): Promise<readonly EncodedPart[]> {
  const entered = new Set(rows.map(({ seq, target }) => `${seq} ${target}`));
  const isEntered = ({ batch, target }: EncodedPart) => entered.has(`${batch.seq} ${target}`);
  const isOneTable = parts.every(({ target }) => target === parts[0]?.target);
  if (entered.size < parts.length || !isOneTable) await assertSameContent(client, schema, parts);
  return parts.filter(isEntered);
}

/** Puts the rows of old batches together, once in a while, so that the ledger does not grow for ever. */
export async function collapseLedger(
  client: ClientBase,
  schema: string,
  entered: readonly EncodedPart[],
): Promise<void> {
  const last = entered.at(-1);
  const first = entered[0];
  if (first === undefined || last === undefined) return;
  const stepOf = (seq: number) => Math.floor(seq / COLLAPSED_AT_ONCE);
  if (stepOf(first.batch.seq - 1) === stepOf(last.batch.seq)) return;
  const through = last.batch.seq - KEPT;
  if (through <= 0) return;
  const { stageId } = last.batch;
  const { rows } = await client.query<{ free: boolean }>(
    `SELECT has_table_privilege($3, 'UPDATE') AND has_table_privilege($3, 'DELETE')
            AND pg_try_advisory_xact_lock($1, hashtext($2)) AS free`,
    [LEDGER_LOCK, stageId, quoteTable(schema, LEDGER_TABLE)],
  );
  // Another loader of the stage is at work, so the next time will do; or we may not.
  if (rows[0]?.free !== true) return;
  await client.query(collapseStatement(quoteTable(schema, LEDGER_TABLE)), [stageId, through]);
}

/** What a line stands for has no hole: a target that is being filled from before it waits until both touch. */
function collapseStatement(table: string): string {
  return `WITH old AS (
      DELETE FROM ${table} d WHERE stage_id = $1 AND seq > ${THROUGH_SEQ} AND seq <= $2
         AND NOT EXISTS (SELECT FROM ${table} l WHERE l.stage_id = $1 AND l.seq = ${THROUGH_SEQ}
                            AND l.target = d.target AND l.since > $2 + 1)
       RETURNING *)
    INSERT INTO ${table} AS l (stage_id, seq, target, crc, consumer, bytes, messages, rows, since, through)
    SELECT stage_id, ${THROUGH_SEQ}, target, 0, max(consumer), sum(bytes), sum(messages), sum(rows), min(seq), $2
      FROM old GROUP BY stage_id, target
    ON CONFLICT (stage_id, seq, target) DO UPDATE
       SET bytes = l.bytes + EXCLUDED.bytes, messages = l.messages + EXCLUDED.messages, rows = l.rows + EXCLUDED.rows,
           since = least(l.since, EXCLUDED.since), through = greatest(l.through, EXCLUDED.through), loaded_at = now()`;
}

/** Which batches of a stage are to be forgotten, and of which targets. */
export interface Forgotten {
  readonly stageId: string;
  readonly first: number;
  readonly targets: readonly string[];
}

/** Removes what is known of batches from `first` on, dead letters too. @returns entries of the ledger removed */
export async function forgetBatches(
  client: ClientBase,
  schema: string,
  { stageId, first, targets }: Forgotten,
): Promise<number> {
  await client.query('BEGIN');
  const ledger = quoteTable(schema, LEDGER_TABLE);
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LEDGER_LOCK, stageId]);
  await client.query(
    `DELETE FROM ${quoteTable(schema, DEAD_LETTER_TABLE)} WHERE stage_id = $1 AND seq >= $2 AND target = ANY($3)`,
    [stageId, first, targets],
  );
  const { rowCount } = await client.query(
    `DELETE FROM ${ledger} WHERE stage_id = $1 AND seq <> ${THROUGH_SEQ} AND seq >= $2 AND target = ANY($3)`,
    [stageId, first, targets],
  );
  const { rows } = await client.query<{ forgotten: string }>(
    `WITH old AS (SELECT target, through FROM ${ledger}
                   WHERE stage_id = $1 AND seq = ${THROUGH_SEQ} AND through >= $2 AND target = ANY($3)),
          cut AS (UPDATE ${ledger} l SET through = $2 - 1 FROM old
                   WHERE l.stage_id = $1 AND l.seq = ${THROUGH_SEQ} AND l.target = old.target RETURNING old.through)
     SELECT coalesce(max(through) - $2 + 1, 0) AS forgotten FROM cut`,
    [stageId, first, targets],
  );
  await client.query(
    `DELETE FROM ${ledger} WHERE stage_id = $1 AND seq = ${THROUGH_SEQ} AND through < since`,
    [stageId],
  );
  await client.query('COMMIT');
  return (rowCount ?? 0) + Number(rows[0]?.forgotten ?? 0);
}

async function assertSameContent(
  client: ClientBase,
  schema: string,
  parts: readonly EncodedPart[],
): Promise<void> {
  const { rows } = await client.query<{ seq: string }>(
    `SELECT b.seq FROM unnest($2::int8[], $3::int8[]) AS b (seq, crc)
      CROSS JOIN LATERAL (SELECT FROM ${quoteTable(schema, LEDGER_TABLE)} l
                           WHERE l.stage_id = $1 AND l.seq = b.seq AND l.crc <> b.crc LIMIT 1) AS other
      ORDER BY b.seq LIMIT 1`,
    [parts[0]?.batch.stageId, parts.map(({ batch }) => batch.seq), parts.map(({ batch }) => batch.crc)],
  );
  const [other] = rows;
  if (other === undefined) return;
  const { consumer } = parts[0]?.batch ?? {};
  throw new BlockedError({
    code: 'sink.copied_stage',
    message: `batch ${other.seq} of ${consumer}: expected the content that the ledger has, got another: this stage was copied, and both copies were written to`,
    hint: `stop the run and make the copy a stage of its own: socket-el stage rekey <config> ${consumer} --after ${Number(other.seq) - 1}`,
  });
}
