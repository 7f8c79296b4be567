import { quoteIdentifier, quoteTable } from './identifiers.js';
import { copyColumns, type TablePlan } from './table-plan.js';

/** The temporary table through which rows come that no COPY can put into their table. */
export const SOURCE = 'pg_temp._socket_el_source';
/** Its columns beside those of the rows: their order, and which of their columns each row has a key for. */
export const ORDER = '_socket_el_n';
export const PRESENCE = '_socket_el_present';

/** Makes it, with the columns' types and without their constraints. */
export function createSource(plan: TablePlan): string {
  const table = quoteTable(plan.schema, plan.table);
  return `CREATE TEMP TABLE ${SOURCE} ON COMMIT DROP AS SELECT ${listColumns(copyColumns(plan))} FROM ${table} WITH NO DATA;
    ALTER TABLE ${SOURCE} ADD COLUMN ${ORDER} int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ADD COLUMN ${PRESENCE} text`;
}

/** Names as they must stand in a statement. */
export function listColumns(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ');
}

/** Whether a row has no key for the `i`-th column, by its text of presence. */
export function isAbsent(presence: string, i: number): string {
  return `substr(${presence}, ${i + 1}, 1) = '0'`;
}
