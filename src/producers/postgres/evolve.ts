import type { ClientBase } from 'pg';
import { BlockedError } from '../../utils/errors.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { type Catalogue, plannedColumn, readCatalogue } from './catalogue.js';
import { quoteIdentifier, quoteTable } from './identifiers.js';
import type { Misfits } from './misfits.js';
import { columnSetting, METADATA_TYPES, REST_COLUMN, type TablePlan } from './table-plan.js';

/** Number of the advisory locks under which socket-el changes tables: "sock" in ASCII. */
const ADVISORY_CLASS = 0x736f636b;
const LOCK_TIMEOUT = '5s';

/** What a table needs so that rows fit. */
export interface TableChange {
  readonly schema: string;
  readonly table: string;
  /** Names and types of new columns. */
  readonly added: ReadonlyMap<string, string>;
  /** Columns that become numeric. */
  readonly widened: readonly string[];
  /** Of a new table. */
  readonly primaryKey: readonly string[];
}

/** The columns that the rows asked for, as many as the table may still get, and what comes with a new table. */
export function planChange(plan: TablePlan, misfits: Misfits, decode: DecodeSettings): TableChange {
  const { schema, table, catalogue, policy } = plan;
  const present = catalogue?.columns;
  const room = Math.max(0, policy.maxColumns - (present?.size ?? 0));
  const primaryKey = catalogue === undefined && policy.disposition === 'merge' ? policy.primaryKey : [];
  const created = keysFirst([...misfits.created], primaryKey).slice(0, room);
  const added = new Map<string, string>(
    created.map(([name, observation]) => [name, columnSetting(decode, name)?.type ?? observation.type]),
  );
  assertKeys(plan, primaryKey, added);
  for (const name of newMetadata(plan, decode)) added.set(name, METADATA_TYPES[name]);
  const isCrowded = misfits.created.size > created.length;
  const isBare = catalogue === undefined && added.size === 0;
  if (isBare || needsRest(plan, misfits, isCrowded)) added.set(REST_COLUMN, restType(plan));
  return { schema, table, added, widened: [...misfits.widened], primaryKey };
}

function newMetadata({ catalogue, policy }: TablePlan, { metadata }: DecodeSettings) {
  if (catalogue !== undefined && policy.contract !== 'evolve') return [];
  return metadata.filter((name) => !catalogue?.columns.has(name));
}

function needsRest({ policy, hasRest }: TablePlan, misfits: Misfits, isCrowded: boolean): boolean {
  return policy.contract === 'evolve' && !hasRest && (misfits.needsRest || isCrowded);
}

function keysFirst<T>(created: readonly [string, T][], keys: readonly string[]): readonly [string, T][] {
  const isKey = ([name]: [string, T]) => keys.includes(name);
  return [...created.filter(isKey), ...created.filter((entry) => !isKey(entry))];
}

/** @throws BlockedError when the rows that a new table is made for have no key */
function assertKeys(plan: TablePlan, keys: readonly string[], added: ReadonlyMap<string, string>): void {
  const missing = keys.find((name) => !added.has(name));
  if (missing === undefined) return;
  throw new BlockedError({
    code: 'sink.refused',
    message: `${plan.table}: expected the primary_key "${missing}" in the rows that wait, none has it; they have ${[...added.keys()].join(', ') || 'no values'}`,
    hint: 'primary_key names columns, as they are called after rename',
  });
}

/** @throws BlockedError when the table has a column of that name for something else */
function restType(plan: TablePlan): string {
  const present = plan.catalogue?.columns.get(REST_COLUMN)?.typeName;
  if (present === undefined) return 'jsonb';
  const message = `column ${REST_COLUMN} of ${plan.table}: expected jsonb, for what fits no other column, got ${present}`;
  throw new BlockedError({
    code: 'sink.refused',
    message,
    hint: 'rename that column, or load into another table',
  });
}

/** The statements of a change, given what the table has by now. */
export function changeStatements(change: TableChange, catalogue: Catalogue): readonly string[] {
  const target = quoteTable(change.schema, change.table);
  const added = [...change.added].filter(([name]) => !catalogue?.columns.has(name));
  const columns = added.map(([name, type]) => `${quoteIdentifier(name)} ${type}`);
  if (catalogue === undefined) {
    const key = change.primaryKey.map(quoteIdentifier).join(', ');
    const parts = key === '' ? columns : [...columns, `PRIMARY KEY (${key})`];
    return [`CREATE TABLE IF NOT EXISTS ${target} (${parts.join(', ')})`];
  }
  const additions = columns.map((column) => `ADD COLUMN IF NOT EXISTS ${column}`);
  const widenings = change.widened.map((name) => widening(name, catalogue.columns.get(name)?.type));
  const actions = [...additions, ...widenings];
  return actions.length === 0 ? [] : [`ALTER TABLE ${target} ${actions.join(', ')}`];
}

/** PostgreSQL's cast of a float8 keeps 15 digits; its text has them all. */
function widening(name: string, type: string | undefined): string {
  const column = quoteIdentifier(name);
  return `ALTER COLUMN ${column} TYPE numeric${type === 'float8' ? ` USING ${column}::text::numeric` : ''}`;
}

/** The table as the catalogue will have it after a change. */
export function catalogueAfter(change: TableChange, catalogue: Catalogue): Catalogue {
  const columns = new Map(catalogue?.columns);
  for (const [name, type] of change.added)
    columns.set(name, plannedColumn(name, type, change.primaryKey.includes(name)));
  for (const name of change.widened)
    columns.set(name, plannedColumn(name, 'numeric', columns.get(name)?.isRequired));
  return { kind: 'r', persistence: 'p', hasRules: false, ...catalogue, columns };
}

/** Changes the table in a transaction of its own, one changer at a time. */
export async function applyChange(client: ClientBase, change: TableChange): Promise<void> {
  await client.query(
    `BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'; SET LOCAL client_min_messages = error`,
  );
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
    ADVISORY_CLASS,
    `${change.schema}.${change.table}`,
  ]);
  const catalogue = await readCatalogue(client, change.schema, change.table);
  for (const statement of changeStatements(change, catalogue)) await client.query(statement);
  await client.query('COMMIT');
}

/** Whether a table has more rows than may be rewritten. */
export async function isLargerThan(
  client: ClientBase,
  { schema, table }: { readonly schema: string; readonly table: string },
  rows: number,
): Promise<boolean> {
  const found = await client.query<{ larger: boolean }>(
    `SELECT count(*) > $1 AS larger FROM (SELECT FROM ${quoteTable(schema, table)} LIMIT $1 + 1) AS limited`,
    [rows],
  );
  return found.rows[0]?.larger ?? false;
}
