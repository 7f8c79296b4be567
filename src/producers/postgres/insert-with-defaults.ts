import type { ClientBase } from 'pg';
import { assertRowCount, copyRows, type EncodedRows, LONG_MS } from './copy-rows.js';
import { quoteIdentifier, quoteTable } from './identifiers.js';
import { createSource, isAbsent, listColumns, ORDER, PRESENCE, SOURCE } from './row-source.js';
import { copyColumns, type PlannedColumn, type TablePlan } from './table-plan.js';

/** Adds rows of which some have no key for a column with a default, which COPY cannot say of a single row. */
export async function insertWithDefaults(
  client: ClientBase,
  plan: TablePlan,
  rows: EncodedRows,
): Promise<void> {
  const columns = copyColumns(plan);
  const table = quoteTable(plan.schema, plan.table);
  await client.query(createSource(plan));
  await copyRows(client, { table: SOURCE, columns: [...columns, PRESENCE] }, rows);
  rows.onProgress(LONG_MS);
  const values = columns.map((name, i) =>
    withDefault(plan, quoteIdentifier(name), { presence: PRESENCE, i }),
  );
  const { rowCount } = await client.query(
    `INSERT INTO ${table} (${listColumns(columns)}) SELECT ${values.join(', ')} FROM ${SOURCE} ORDER BY ${ORDER}`,
  );
  const sent = rows.parts.reduce((sum, { loadedRows }) => sum + loadedRows, 0);
  assertRowCount(table, sent, rowCount ?? 0);
  await client.query(`DROP TABLE ${SOURCE}`);
  rows.onProgress();
}

/** The value of the `i`-th column, or its default where the row has no key for it. */
export function withDefault(
  plan: TablePlan,
  value: string,
  { presence, i }: { readonly presence: string; readonly i: number },
): string {
  const column = plan.columns[i];
  if (column === undefined || column.defaultText === null) return value;
  return `CASE WHEN ${isAbsent(presence, i)} THEN ${defaultOf(column)} ELSE ${value} END`;
}

/** A column's default, of the column's type: the catalogue leaves out casts that assignment brings. */
export function defaultOf({
  defaultText,
  typeName,
}: Pick<PlannedColumn, 'defaultText' | 'typeName'>): string {
  return `(${defaultText})::${typeName}`;
}
