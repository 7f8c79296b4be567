import type { ClientBase } from 'pg';
import { copyRows, type EncodedRows } from './copy-rows.js';
import { quoteTable } from './identifiers.js';
import { mergeRows } from './merge-rows.js';
import { copyColumns, type TablePlan } from './table-plan.js';

/**
 * Writes encoded rows into their table, as its policy says, within a transaction.
 *
 * @returns how many rows another row of the same key took in
 */
export async function writeRows(
  client: ClientBase,
  { plan, ...rows }: EncodedRows & { readonly plan: TablePlan },
): Promise<number> {
  if (plan.policy.disposition === 'merge') return mergeRows(client, plan, rows);
  const table = quoteTable(plan.schema, plan.table);
  await copyRows(client, { table, columns: copyColumns(plan) }, rows);
  return 0;
}
