import type { ClientBase, QueryResult } from 'pg';
import { TransientError } from '../../utils/errors.js';
import type { EncodedBatch, EncodedPart } from './batch-encoder.js';
import { isSameCatalogue, readCatalogue } from './catalogue.js';
import { LONG_MS, type Progress } from './copy-rows.js';
import { insertDeadLetters, removeLettersBefore } from './dead-letters.js';
import { insertGaps } from './gaps.js';
import { quoteTable } from './identifiers.js';
import { collapseLedger, type EnteredLine, enterStatement, lockLedger, takeEntered } from './ledger.js';
import { markLoad } from './load-mark.js';
import { addRowLetter, type LetterOutcome, removeLetters } from './replay-letters.js';
import { ReplanError } from './sink-error.js';
import type { TableEncoding } from './table-encoding.js';
import { lockAndMark, lockAndMarkOf, type MarkRow } from './table-mark.js';
import { writeRows } from './write-rows.js';

/** `SET LOCAL` only, so that a pooler may give the next transaction another connection. */
export const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = error`;

/** A group that was encoded. */
export interface LoadInput {
  readonly producer: string;
  readonly stageId: string;
  readonly schema: string;
  readonly encoded: readonly EncodedBatch[];
  /** The encoded rows by table, in the order in which they are written. */
  readonly tables: ReadonlyMap<string, TableEncoding>;
  /** What the ledger and the dead letters know them by, and what is no table's. */
  readonly names: readonly string[];
  /** See `EncodedRows`. */
  readonly onProgress?: Progress;
  readonly onSending?: () => void;
}

/** What came of a group: all of it encoded, and the parts that were not in the sink yet. */
export interface LoadedGroup {
  readonly encoded: readonly EncodedBatch[];
  readonly entered: readonly EncodedPart[];
  /** Rows of a merge that another row of the same key took in. */
  readonly mergedRows: number;
}

/**
 * Commits rows, dead letters, gaps and ledger of a group together.
 *
 * @throws ReplanError when a table is not as planned
 */
export async function loadGroup(client: ClientBase, input: LoadInput): Promise<LoadedGroup> {
  const { schema, encoded, onProgress } = input;
  onProgress?.();
  const parts = encoded.flatMap((batch) => batch.parts);
  const { entered, marks } = await begin(client, input, parts);
  await clearReplaced(client, input, entered);
  const mergedRows = await writeTargets(client, input, entered, marks);
  onProgress?.(LONG_MS);
  await insertDeadLetters(client, schema, entered);
  await insertGaps(client, schema, entered);
  await collapseLedger(client, schema, entered);
  onProgress?.();
  await commit(client);
  return { encoded, entered, mergedRows };
}

/** The marks of tables that are locked. */
type Marks = ReadonlyMap<string, string | undefined>;

/** Begins the transaction, enters the batches and locks their tables, all in one question. */
async function begin(
  client: ClientBase,
  { producer, stageId, schema, tables }: LoadInput,
  parts: readonly EncodedPart[],
): Promise<{ readonly entered: readonly EncodedPart[]; readonly marks: Marks }> {
  const withRows = [...tables.keys()].filter((table) =>
    parts.some(({ target, loadedRows }) => target === table && loadedRows > 0),
  );
  const before = [BEGIN, markLoad(stageId, producer), lockLedger(stageId)];
  // Invariant 4: rows and ledger commit together, the ledger first.
  const enter = enterStatement(schema, parts);
  const locks = withRows.map((table) => lockAndMarkOf({ schema, table }));
  const results = await askAll(client, [...before, enter, ...locks]);
  const entered = results.at(-1 - 2 * locks.length) as readonly EnteredLine[];
  const marks = withRows.map((table, i) => {
    const [row] = results.at(2 * (i - locks.length) + 1) as readonly MarkRow[];
    return [table, row?.mark ?? undefined] as const;
  });
  return { entered: await takeEntered(client, schema, parts, entered), marks: new Map(marks) };
}

/** Sends statements at once, and gives the rows of each. */
async function askAll(
  client: ClientBase,
  statements: readonly string[],
): Promise<readonly (readonly unknown[])[]> {
  const results = (await client.query(statements.join('; '))) as unknown as readonly QueryResult[];
  return results.map(({ rows }) => rows);
}

/** Commits the rows of dead letters and the end of those letters together. */
export async function loadLetters(
  client: ClientBase,
  input: LoadInput,
  outcomes: readonly LetterOutcome[],
): Promise<void> {
  const { schema, encoded } = input;
  await client.query(`${BEGIN}; ${markLoad(input.stageId, input.producer)}`);
  for (const { gone } of outcomes) await removeLetters(client, schema, gone);
  await writeTargets(
    client,
    input,
    encoded.flatMap((batch) => batch.parts),
    new Map(),
  );
  for (const { added } of outcomes) for (const letter of added) await addRowLetter(client, schema, letter);
  await commit(client);
}

/** Empties what a whole set takes the place of, also the set's dead letters. Not by TRUNCATE: who reads sees the set before, whole. */
async function clearReplaced(
  client: ClientBase,
  { schema, tables, names, onProgress }: LoadInput,
  entered: readonly EncodedPart[],
): Promise<void> {
  for (const [table, { target }] of tables) {
    const part = entered.find((candidate) => candidate.target === table);
    if (part === undefined || target.policy.disposition !== 'replace') continue;
    const { catalogue } = await target.ensurePlan(client);
    onProgress?.(LONG_MS);
    // The empty set of a table that was never made has nothing to empty.
    if (catalogue !== undefined) await client.query(`DELETE FROM ${quoteTable(schema, table)}`);
    await removeLettersBefore(client, schema, part.batch, names);
    onProgress?.();
  }
}

async function writeTargets(
  client: ClientBase,
  { tables, onProgress = () => {}, onSending }: LoadInput,
  entered: readonly EncodedPart[],
  marks: Marks,
): Promise<number> {
  let mergedRows = 0;
  for (const [table, encoding] of tables) {
    const parts = entered.filter((part) => part.target === table);
    if (parts.every(({ loadedRows }) => loadedRows === 0)) continue;
    const { plan, out, format, hasPresence, keyNames } = encoding;
    await assertAsPlanned(client, encoding, marks);
    const rows = { plan, parts, out, format, hasPresence, keyNames };
    mergedRows += await writeRows(client, { ...rows, onProgress, onSending });
  }
  return mergedRows;
}

/** Binary data in a column of another type can be stored as nonsense without an error, so the types are locked first. */
async function assertAsPlanned(
  client: ClientBase,
  { plan, target }: TableEncoding,
  marks: Marks,
): Promise<void> {
  const mark = marks.has(plan.table) ? marks.get(plan.table) : await lockAndMark(client, plan);
  if (target.isSeen(plan, mark)) return;
  const catalogue = await readCatalogue(client, plan.schema, plan.table);
  if (!isSameCatalogue(catalogue, plan.catalogue)) {
    throw new ReplanError({
      code: 'sink.replan',
      message: `${plan.table}: expected the columns as planned, they have changed`,
    });
  }
  target.see(plan, mark);
}

/** An aborted transaction answers COMMIT with ROLLBACK, and no error. */
async function commit(client: ClientBase): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command === 'COMMIT') return;
  const message = `expected the server to commit, it answered ${command}`;
  throw new TransientError({ code: 'sink.connection', message });
}
