import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { NOT_SHORT } from '../../../utils/rows/row-cells.js';
import type { Cells, ColumnCodec, QuickType } from './cell-encoder.js';
import type { CopyBuffer } from './copy-buffer.js';

const INT4_MAX = 2 ** 31 - 1;
const INT2_MAX = 2 ** 15 - 1;
const HIGH = 2 ** 32;
/** The most bytes that a number's field has. */
const NUMBER_FIELD = 12;
/** Up to here a loop is faster than a call. */
const SHORT_BYTES = 48;

const NOT_QUICK = 0;
const INT8 = 1;
const FLOAT8 = 2;
const TEXT = 3;
const INT4 = 4;
const INT2 = 5;
/** For the kernel only. */
const BOOL = 6;
const NUMERIC = 7;
const CODES: Readonly<Record<QuickType, number>> = {
  int8: INT8,
  float8: FLOAT8,
  text: TEXT,
  int4: INT4,
  int2: INT2,
  bool: BOOL,
  numeric: NUMERIC,
};

/** The quick types of columns, for `putQuickFields` and the kernel, which has the same numbers; 0 of others. */
export function quickCodes(codecs: readonly ColumnCodec[]): Uint8Array {
  return Uint8Array.from(codecs, ({ quick }) => (quick === undefined ? NOT_QUICK : CODES[quick]));
}

/**
 * Writes fields of a binary COPY as the codecs of their columns would, as long as they are of the commonest: a number that
 * the fast lane has read, text without escapes.
 *
 * @param cellOf the cell of each column, below 0 for none
 * @param from the first column
 * @returns the first column that is for its codec, or how many there are
 */
// hot path: one loop with one switch, writing where it stands.
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: hot path
export function putQuickFields(
  out: CopyBuffer,
  codes: Uint8Array,
  { cells, cellOf }: { readonly cells: Cells; readonly cellOf: Int32Array },
  from: number,
): number {
  const { starts, stops, scales, numbers, kinds, escaped } = cells;
  const source = cells.bytes;
  const columns = codes.length;
  let { bytes, view } = out;
  let at = out.length;
  let c = from;
  for (; c < columns; c++) {
    const i = cellOf[c] as number;
    if (i < 0) break;
    const code = codes[c] as number;
    if (at + NUMBER_FIELD > bytes.length) {
      out.length = at;
      out.reserve(NUMBER_FIELD);
      ({ bytes, view } = out);
    }
    if (code === TEXT) {
      if (kinds[i] !== JSON_KIND.string || escaped[i] === 1) break;
      let next = (starts[i] as number) + 1;
      const stop = (stops[i] as number) - 1;
      if (at + 4 + stop - next > bytes.length) {
        out.length = at;
        out.reserve(4 + stop - next);
        ({ bytes, view } = out);
      }
      view.setInt32(at, stop - next);
      at += 4;
      if (stop - next > SHORT_BYTES) {
        bytes.set(source.subarray(next, stop), at);
        at += stop - next;
      } else while (next < stop) bytes[at++] = source[next++] as number;
      continue;
    }
    const scale = scales[i] as number;
    if (scale === NOT_SHORT) break;
    const value = numbers[i] as number;
    if (code === FLOAT8) {
      view.setInt32(at, 8);
      view.setFloat64(at + 4, value);
      at += 12;
    } else if (scale !== 0) break;
    else if (code === INT8) {
      view.setInt32(at, 8);
      view.setInt32(at + 4, Math.floor(value / HIGH));
      view.setInt32(at + 8, value | 0);
      at += 12;
    } else if (code === INT4 && Math.abs(value) <= INT4_MAX) {
      view.setInt32(at, 4);
      view.setInt32(at + 4, value);
      at += 8;
    } else if (code === INT2 && Math.abs(value) <= INT2_MAX) {
      view.setInt32(at, 2);
      view.setInt16(at + 4, value);
      at += 6;
    } else break;
  }
  out.length = at;
  return c;
}
