import type { Cell } from '../cell.js';
import type { Column } from '../column-table.js';

/** Gathers the values of a column of one type. */
export interface ColumnBuilder {
  readonly type: Column['type'];
  /** As in {@link Column}. */
  readonly values: Column['values'];
  /** Takes a row's value; false when it does not fit the type and was not taken. */
  put(row: number, cell: Cell): boolean;
}
