import { fitsDouble } from '../../../utils/decimal.js';
import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { shortDecimal } from '../../../utils/json/short-decimal.js';
import type { RowCells } from '../../../utils/rows/row-cells.js';
import { type CellEncoder, literalText } from './cell-encoder.js';

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

/** NaN when a double would not keep the value. */
function exactDouble(cells: RowCells, i: number, anySpelling: boolean): number {
  if (cells.kinds[i] === JSON_KIND.number) {
    const short = shortDecimal(cells.bytes, cells.starts[i] as number, cells.stops[i] as number, true);
    if (!Number.isNaN(short)) return short;
  }
  const text = literalText(cells, i);
  if (text === undefined || !fitsDouble(text)) return Number.NaN;
  const isKept = cells.kinds[i] === JSON_KIND.number || anySpelling || String(Number(text)) === text;
  return isKept ? Number(text) : Number.NaN;
}
