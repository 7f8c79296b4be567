import type { ClientBase } from 'pg';
import { copyRows, type EncodedRows } from './copy-rows.js';
import { quoteTable } from './identifiers.js';
import { insertWithDefaults } from './insert-with-defaults.js';
import { type KeyNames, mergeRows } from './merge-rows.js';
import { copyColumns, type TablePlan } from './table-plan.js';

/** Rows on their way into a table. */
export interface RowsToWrite extends EncodedRows {
  readonly plan: TablePlan;
  /** Whether each says which columns it has keys for. */
  readonly hasPresence: boolean;
  readonly keyNames: KeyNames;
}

/**
 * Writes encoded rows into their table, as its policy says, within a transaction.
 *
 * @returns how many rows another row of the same key took in
 */
export async function writeRows(
  client: ClientBase,
  { plan, hasPresence, ...rows }: RowsToWrite,
): Promise<number> {
  if (plan.policy.disposition === 'merge') return mergeRows(client, plan, rows);
  const table = quoteTable(plan.schema, plan.table);
  if (hasPresence) await insertWithDefaults(client, plan, rows);
  else await copyRows(client, { table, columns: copyColumns(plan) }, rows);
  return 0;
}
