import { fitsDouble } from '../../../utils/decimal.js';
import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { shortDecimal } from '../../../utils/json/short-decimal.js';
import { type CellEncoder, type Cells, literalText } from './cell-encoder.js';

/** So many digits tell any two floats apart. */
const FLOAT_DIGITS = 9;

/**
 * float8, for numbers whose decimal value a double keeps.
 *
 * @param anySpelling also for text such as `1.10`, which would not come back as it was
 */
export function float8Encoder(anySpelling = false): CellEncoder {
  return (out, cells, i) => {
    const value = exactDouble(cells, i, anySpelling);
    if (Number.isNaN(value)) return false;
    out.putInt32(8);
    out.putDouble(value);
    return true;
  };
}

/** float4, for numbers whose decimal value it keeps. */
export function float4Encoder(anySpelling = false): CellEncoder {
  return (out, cells, i) => {
    const value = exactDouble(cells, i, anySpelling);
    if (!isExactAsFloat(value)) return false;
    out.putInt32(4);
    out.putFloat(value);
    return true;
  };
}

/** Whether the shortest decimal that stands for the nearest float is the number itself; so PostgreSQL prints it. */
function isExactAsFloat(value: number): boolean {
  const float = Math.fround(value);
  if (!Number.isFinite(float)) return false;
  for (let digits = 1; digits <= FLOAT_DIGITS; digits++) {
    const decimal = Number(float.toPrecision(digits));
    if (Math.fround(decimal) === float) return decimal === value;
  }
  return false;
}

/** NaN when a double would not keep the value. */
function exactDouble(cells: Cells, i: number, anySpelling: boolean): number {
  if (cells.kinds[i] === JSON_KIND.number) {
    const short = shortDecimal(cells.bytes, cells.starts[i] as number, cells.stops[i] as number, true);
    if (!Number.isNaN(short)) return short;
  }
  const text = literalText(cells, i);
  if (text === undefined || !fitsDouble(text)) return Number.NaN;
  const isKept = cells.kinds[i] === JSON_KIND.number || anySpelling || String(Number(text)) === text;
  return isKept ? Number(text) : Number.NaN;
}
