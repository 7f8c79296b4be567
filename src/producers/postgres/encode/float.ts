import { isExactAsDouble } from '../../../utils/decimal.js';
import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { shortDecimal } from '../../../utils/json/short-decimal.js';
import type { RowCells } from '../../../utils/rows/row-cells.js';
import { type CellEncoder, literalText } from './cell-encoder.js';

/** Decimal numbers of so many digits survive the way through a double (IEEE 754-2008, section 5.12.2). */
const EXACT_LENGTH = 15;
const PATTERN = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** float8, for numbers whose decimal value a double keeps. */
export const encodeFloat8: CellEncoder = (out, cells, i) => {
  const value = exactDouble(cells, i);
  if (Number.isNaN(value)) return false;
  out.putInt32(8);
  out.putDouble(value);
  return true;
};

/** NaN when a double would not keep the value. */
function exactDouble(cells: RowCells, i: number): number {
  const isNumber = cells.kinds[i] === JSON_KIND.number;
  const short = isNumber
    ? shortDecimal(cells.bytes, cells.starts[i] as number, cells.stops[i] as number, true)
    : Number.NaN;
  if (!Number.isNaN(short)) return short;
  const text = literalText(cells, i);
  return text !== undefined && fitsDouble(text) ? Number(text) : Number.NaN;
}

/** Whether a literal is a number that a double keeps to the last decimal digit. */
export function fitsDouble(text: string): boolean {
  if (!PATTERN.test(text)) return false;
  const isShort = text.length <= EXACT_LENGTH && !/[eE]/.test(text);
  return isShort || isExactAsDouble(text);
}
