import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Deadline } from '../../utils/deadline.js';
import type { EncodedPart } from './batch-encoder.js';
import { copyRows, LONG_MS } from './copy-rows.js';
import { quoteIdentifier, quoteLiteral, quoteTable } from './identifiers.js';
import { withDefault } from './insert-with-defaults.js';
import { enterParts, lockLedger } from './ledger.js';
import type { LoadHow } from './load-group.js';
import { BEGIN } from './load-transaction.js';
import { onConflict } from './merge-rows.js';
import type { Poison } from './poison.js';
import { ROW_PATTERN } from './sqlstate.js';
import type { TableEncoding } from './table-encoding.js';
import { copyColumns, METADATA_TYPES, type TablePlan } from './table-plan.js';

const SOURCE = 'pg_temp._socket_el_rows';
const FOUND = 'pg_temp._socket_el_poison';
/** The first stretch that is tried at once; it grows while nothing is refused. */
const FIRST_STRETCH = 256;
const MAX_STRETCH = 4096;
const SHRINK = 16;
/** Types that text becomes by assignment, whose length is then checked; a cast would cut it. */
const ASSIGNED = new Set(['text', 'varchar', 'bpchar']);

/** What is tried. */
export interface Trial extends LoadHow {
  readonly schema: string;
  /** The parts whose rows are encoded. */
  readonly parts: readonly EncodedPart[];
  readonly isOfLetters: boolean;
}

/**
 * Finds the rows that the server refuses, whichever and however many: it inserts them in stretches under a savepoint,
 * which it shrinks to single rows where one is refused, and takes everything back. The rows were encoded as bytes.
 *
 * @returns those known before, and those found
 */
export async function findPoison(
  client: ClientBase,
  encodings: readonly TableEncoding[],
  { poison: known, isOfLetters, deadline, schema, parts }: Trial,
): Promise<Poison> {
  const poison = new Map([...known].map(([table, batches]) => [table, copyOf(batches)]));
  const stageId = parts[0]?.batch.stageId ?? '';
  await client.query(`${BEGIN}; SET CONSTRAINTS ALL IMMEDIATE; ${lockLedger(stageId)}`);
  // What the sink holds already would be refused as a repetition of itself.
  const entered = isOfLetters ? parts : await enterParts(client, schema, parts);
  for (const encoding of encodings) {
    const { target, ordinals } = encoding;
    const batches = poison.get(target.table) ?? new Map<number, Map<number, string>>();
    poison.set(target.table, batches);
    const isReplaced = target.policy.disposition === 'replace' && !isOfLetters;
    const seqs = new Set(
      entered.filter((part) => part.target === target.table).map(({ batch }) => batch.seq),
    );
    const isEntered = (seq: number) => seqs.has(seq);
    for (const { n, reason } of await probe(client, encoding, { deadline, isReplaced, isEntered })) {
      const { seq, ordinal } = ordinals[n - 1] as { seq: number; ordinal: number };
      batches.set(seq, (batches.get(seq) ?? new Map<number, string>()).set(ordinal, reason));
    }
  }
  await client.query('ROLLBACK');
  return poison;
}

function copyOf(batches: ReadonlyMap<number, ReadonlyMap<number, string>>): Map<number, Map<number, string>> {
  return new Map([...batches].map(([seq, rows]) => [seq, new Map(rows)]));
}

interface ProbeTask {
  readonly deadline: Deadline;
  readonly isReplaced: boolean;
  readonly isEntered: (seq: number) => boolean;
}

/** @returns refused rows by their number, from 1 */
async function probe(
  client: ClientBase,
  encoding: TableEncoding,
  { deadline, isReplaced, isEntered }: ProbeTask,
): Promise<readonly { readonly n: number; readonly reason: string }[]> {
  const { plan, out, format, ordinals } = encoding;
  await client.query(
    `CREATE TEMP TABLE ${SOURCE} (n int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, r bytea[]) ON COMMIT DROP;
     CREATE TEMP TABLE ${FOUND} (n int8, reason text) ON COMMIT DROP`,
  );
  const whole = { from: 0, to: out.length, loadedRows: ordinals.length };
  await copyRows(
    client,
    { table: SOURCE, columns: ['r'] },
    { parts: [whole], out, format, onProgress: (ms) => deadline.touch(ms) },
  );
  deadline.touch(LONG_MS);
  const held = ordinals.flatMap(({ seq }, i) => (isEntered(seq) ? [] : [i + 1]));
  if (held.length > 0) await client.query(`DELETE FROM ${SOURCE} WHERE n = ANY($1::int8[])`, [held]);
  if (isReplaced) await client.query(`DELETE FROM ${quoteTable(plan.schema, plan.table)}`);
  await client.query(probeStatement(encoding, ordinals.length));
  const { rows } = await client.query<{ n: string; reason: string }>(`SELECT n, reason FROM ${FOUND}`);
  await client.query(`DROP TABLE ${SOURCE}, ${FOUND}`);
  return rows.map(({ n, reason }) => ({ n: Number(n), reason }));
}

/** A stretch of a merge may hold a key twice (21000), a single row never. */
function probeStatement(encoding: TableEncoding, rows: number): string {
  const { plan } = encoding;
  const tag = `$socket_el_${randomBytes(4).toString('hex')}$`;
  return `DO ${tag}
    DECLARE _el_at int8 := 1; _el_stretch int8 := ${FIRST_STRETCH};
    BEGIN
      WHILE _el_at <= ${rows} LOOP
        BEGIN
          ${insertStatement(encoding)} WHERE n BETWEEN _el_at AND _el_at + _el_stretch - 1 ORDER BY n ${suffix(plan)};
          _el_at := _el_at + _el_stretch;
          _el_stretch := least(_el_stretch * 2, ${MAX_STRETCH});
        EXCEPTION WHEN OTHERS THEN
          IF SQLSTATE !~ ${quoteLiteral(`${ROW_PATTERN}|^21000$`)} THEN RAISE; END IF;
          IF _el_stretch = 1 THEN
            INSERT INTO ${FOUND} VALUES (_el_at, SQLERRM || ' (SQLSTATE ' || SQLSTATE || ')');
            _el_at := _el_at + 1;
          ELSE
            _el_stretch := greatest(_el_stretch / ${SHRINK}, 1);
          END IF;
        END;
      END LOOP;
    END ${tag}`;
}

function insertStatement({ plan, hasPresence }: TableEncoding): string {
  const columns = copyColumns(plan);
  const presence = textAt(columns.length);
  const values = columns.map((name, i) => {
    const value = cast(plan, name, textAt(i));
    return hasPresence ? withDefault(plan, value, { presence, i }) : value;
  });
  return `INSERT INTO ${quoteTable(plan.schema, plan.table)} (${columns.map(quoteIdentifier).join(', ')})
    SELECT ${values.join(', ')} FROM ${SOURCE}`;
}

/** The text of the `i`-th field of a row. */
function textAt(i: number): string {
  return `convert_from(r[${i + 1}], 'UTF8')`;
}

function cast(plan: TablePlan, name: string, text: string): string {
  const column = plan.columns.find((planned) => planned.name === name);
  if (column !== undefined) return ASSIGNED.has(column.type) ? text : `(${text})::${column.typeName}`;
  const metadata = plan.metadata.find((known) => known === name);
  return `(${text})::${metadata === undefined ? 'jsonb' : METADATA_TYPES[metadata]}`;
}

function suffix(plan: TablePlan): string {
  return plan.policy.disposition === 'merge' ? onConflict(plan) : '';
}
