import { isInteger } from '../../../utils/decimal.js';
import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { shortDecimal } from '../../../utils/json/short-decimal.js';
import { type CellEncoder, type Cells, literalText } from './cell-encoder.js';
import type { CopyBuffer } from './copy-buffer.js';

/** Text that comes back from an integer as it was. Numbers of JSON are so by themselves, but for `-0`, which is short. */
const CANONICAL = /^(0|-?[1-9]\d*)$/;

/**
 * An encoder of two's-complement integers of so many bytes.
 *
 * @param anySpelling also for text such as `00501`, which would not come back as it was
 */
export function integerEncoder(byteCount: 2 | 4 | 8, anySpelling = false): CellEncoder {
  const max = 2n ** BigInt(byteCount * 8 - 1) - 1n;
  const safeMax = Number(max);
  return (out, cells, i) => {
    const short = shortInteger(cells, i);
    if (Math.abs(short) <= safeMax) {
      out.putInt32(byteCount);
      out.putInteger(short, byteCount);
      return true;
    }
    const text = literalText(cells, i);
    if (text === undefined || !isInteger(text, max)) return false;
    if (!anySpelling && !CANONICAL.test(text)) return false;
    putText(out, text, byteCount);
    return true;
  };
}

function putText(out: CopyBuffer, text: string, byteCount: 2 | 4 | 8): void {
  out.putInt32(byteCount);
  if (byteCount === 8) out.putInt64(BigInt(text));
  else out.putInteger(Number(text), byteCount);
}

/** NaN when the cell is no number of at most 15 digits. */
function shortInteger(cells: Cells, i: number): number {
  if (cells.kinds[i] !== JSON_KIND.number) return Number.NaN;
  return shortDecimal(cells.bytes, cells.starts[i] as number, cells.stops[i] as number, false);
}
