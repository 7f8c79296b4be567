import { isInteger } from '../../decimal.js';
import { JSON_KIND } from '../../json/json-kind.js';
import { shortDecimal } from '../../json/short-decimal.js';
import type { Cell } from '../cell.js';
import type { ColumnBuilder } from './column-builder.js';
import { Int64Values } from './int64-values.js';

/**
 * For numbers written without fraction and exponent.
 *
 * @param byteCount the range is that of an integer of so many bytes
 * @param takesText also for text that is such a number
 */
export function createInt64Builder(rows: number, byteCount: 2 | 4 | 8 = 8, takesText = false): ColumnBuilder {
  const integers = new Int64Values(rows);
  const max = 2n ** BigInt(byteCount * 8 - 1) - 1n;
  const safeMax = Number(max);
  return {
    type: 'int64',
    values: integers.values,
    put: (row, cell) => {
      const short = shortInteger(cell);
      if (Math.abs(short) <= safeMax) {
        integers.setSafe(row, short);
        return true;
      }
      const text = takesText || cell.kind === JSON_KIND.number ? cell.literal() : undefined;
      if (text === undefined || !isInteger(text, max)) return false;
      integers.set(row, BigInt(text));
      return true;
    },
  };
}

/** NaN when the cell is no number of at most 15 digits. */
function shortInteger({ kind, bytes, start, stop }: Cell): number {
  return kind === JSON_KIND.number ? shortDecimal(bytes, start, stop, false) : Number.NaN;
}
