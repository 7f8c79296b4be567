import { fitsDouble } from '../../decimal.js';
import { JSON_KIND } from '../../json/json-kind.js';
import { shortDecimal } from '../../json/short-decimal.js';
import type { Cell } from '../cell.js';
import type { ColumnBuilder } from './column-builder.js';

/**
 * For numbers whose decimal value a double keeps.
 *
 * @param takesText also for text that is such a number
 */
export function createDoubleBuilder(rows: number, takesText = false): ColumnBuilder {
  const values = new Float64Array(rows);
  return {
    type: 'double',
    values,
    put: (row, cell) => {
      const value = exactDouble(cell, takesText);
      if (Number.isNaN(value)) return false;
      values[row] = value;
      return true;
    },
  };
}

/** NaN when a double would not keep the value. */
function exactDouble(cell: Cell, takesText: boolean): number {
  if (cell.kind === JSON_KIND.number) {
    const short = shortDecimal(cell.bytes, cell.start, cell.stop, true);
    if (!Number.isNaN(short)) return short;
  } else if (!takesText) return Number.NaN;
  const text = cell.literal();
  return text !== undefined && fitsDouble(text) ? Number(text) : Number.NaN;
}
