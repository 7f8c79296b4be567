import { isExactAsDouble } from '../../../utils/decimal.js';
import { type CellEncoder, literalText } from './cell-encoder.js';

/** Decimal numbers of so many digits survive the way through a double (IEEE 754-2008, section 5.12.2). */
const EXACT_LENGTH = 15;
const PATTERN = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** float8, for numbers whose decimal value a double keeps. */
export const encodeFloat8: CellEncoder = (out, cells, i) => {
  const text = literalText(cells, i);
  if (text === undefined || !fitsDouble(text)) return false;
  out.putInt32(8);
  out.putDouble(Number(text));
  return true;
};

/** Whether a literal is a number that a double keeps to the last decimal digit. */
export function fitsDouble(text: string): boolean {
  if (!PATTERN.test(text)) return false;
  const isShort = text.length <= EXACT_LENGTH && !/[eE]/.test(text);
  return isShort || isExactAsDouble(text);
}
