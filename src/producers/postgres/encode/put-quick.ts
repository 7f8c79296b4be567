import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { NOT_SHORT } from '../../../utils/rows/row-cells.js';
import type { Cells, QuickType } from './cell-encoder.js';
import type { CopyBuffer } from './copy-buffer.js';

const INT2_MAX = 2 ** 15 - 1;
const INT4_MAX = 2 ** 31 - 1;

/**
 * Writes cell `i` as the codec of such a column would, if it is one of the commonest: a number that the fast lane has
 * read, text without escapes.
 *
 * @returns false when it is for the codec; nothing is written then
 */
// hot path: one switch, no calls through tables.
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: hot path
export function putQuick(out: CopyBuffer, type: QuickType, cells: Cells, i: number): boolean {
  const scale = cells.scales[i] as number;
  const value = cells.numbers[i] as number;
  switch (type) {
    case 'int8':
      if (scale !== 0) return false;
      out.putIntegerField(value, 8);
      return true;
    case 'float8':
      if (scale === NOT_SHORT) return false;
      out.putDoubleField(value);
      return true;
    case 'text':
      if (cells.kinds[i] !== JSON_KIND.string || cells.escaped[i] === 1) return false;
      out.putBytesField(cells.bytes, (cells.starts[i] as number) + 1, (cells.stops[i] as number) - 1);
      return true;
    case 'int4':
      if (scale !== 0 || Math.abs(value) > INT4_MAX) return false;
      out.putIntegerField(value, 4);
      return true;
    case 'int2':
      if (scale !== 0 || Math.abs(value) > INT2_MAX) return false;
      out.putIntegerField(value, 2);
      return true;
  }
}
