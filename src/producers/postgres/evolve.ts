import type { ClientBase } from 'pg';
import { BlockedError } from '../../utils/errors.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { type Catalogue, readCatalogue } from './catalogue.js';
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
}

/** The columns that the rows asked for, as many as the table may still get, and what comes with a new table. */
export function planChange(
  plan: TablePlan,
  misfits: Misfits,
  decode: DecodeSettings,
  maxColumns: number,
): TableChange {
  const room = Math.max(0, maxColumns - (plan.catalogue?.size ?? 0));
  const created = [...misfits.created].slice(0, room);
  const added = new Map<string, string>(
    created.map(([name, observation]) => [name, columnSetting(decode, name)?.type ?? observation.type]),
  );
  for (const name of decode.metadata) if (!plan.catalogue?.has(name)) added.set(name, METADATA_TYPES[name]);
  const isCrowded = misfits.created.size > created.length;
  const isBare = plan.catalogue === undefined && added.size === 0;
  if ((misfits.needsRest || isCrowded || isBare) && !plan.hasRest) added.set(REST_COLUMN, restType(plan));
  return { schema: plan.schema, table: plan.table, added, widened: [...misfits.widened] };
}

/** @throws BlockedError when the table has a column of that name for something else */
function restType(plan: TablePlan): string {
  const present = plan.catalogue?.get(REST_COLUMN)?.type;
  if (present === undefined) return 'jsonb';
  const message = `column ${REST_COLUMN} of ${plan.table}: expected jsonb, for what fits no other column, got ${present}`;
  throw new BlockedError({
    code: 'sink.refused',
    message,
    hint: 'rename that column, or load into another table',
  });
}

/** The statements of a change, given what the table has by now. */
function changeStatements(change: TableChange, catalogue: Catalogue): readonly string[] {
  const target = quoteTable(change.schema, change.table);
  const added = [...change.added].filter(([name]) => !catalogue?.has(name));
  const columns = added.map(([name, type]) => `${quoteIdentifier(name)} ${type}`);
  if (catalogue === undefined) return [`CREATE TABLE IF NOT EXISTS ${target} (${columns.join(', ')})`];
  const additions = columns.map((column) => `ADD COLUMN IF NOT EXISTS ${column}`);
  const widenings = change.widened.map((name) => `ALTER COLUMN ${quoteIdentifier(name)} TYPE numeric`);
  const actions = [...additions, ...widenings];
  return actions.length === 0 ? [] : [`ALTER TABLE ${target} ${actions.join(', ')}`];
}

/** Changes the table in a transaction of its own, one changer at a time. */
export async function applyChange(client: ClientBase, change: TableChange): Promise<void> {
  await client.query(`BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
    ADVISORY_CLASS,
    `${change.schema}.${change.table}`,
  ]);
  const catalogue = await readCatalogue(client, change.schema, change.table);
  for (const statement of changeStatements(change, catalogue)) await client.query(statement);
  await client.query('COMMIT');
}
