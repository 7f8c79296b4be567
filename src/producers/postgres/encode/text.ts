import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { stringText } from '../../../utils/json/json-text.js';
import type { RowCells } from '../../../utils/rows/row-cells.js';
import type { CellEncoder } from './cell-encoder.js';

/** text and varchar: a string's characters, and of any other value its JSON as received. */
export const encodeText: CellEncoder = (out, cells, i) => {
  const start = cells.starts[i] as number;
  const stop = cells.stops[i] as number;
  if (cells.kinds[i] !== JSON_KIND.string) {
    out.putInt32(stop - start);
    out.putBytes(cells.bytes, start, stop);
  } else if (cells.escaped[i]) {
    const text = stringText(cells.bytes, start, stop, true);
    if (text.includes('\0')) return false;
    out.putTextField(text);
  } else {
    out.putInt32(stop - start - 2);
    out.putBytes(cells.bytes, start + 1, stop - 1);
  }
  return true;
};

/** jsonb and json: the value's JSON as received. PostgreSQL cannot hold the character U+0000. */
export function jsonEncoder(isBinary: boolean): CellEncoder {
  return (out, cells, i) => {
    if (hasNul(cells, i)) return false;
    const start = cells.starts[i] as number;
    const stop = cells.stops[i] as number;
    out.putInt32(stop - start + (isBinary ? 1 : 0));
    if (isBinary) out.putByte(1);
    out.putBytes(cells.bytes, start, stop);
    return true;
  };
}

/** Whether a value's text, at any depth, has the character U+0000, which only an escape can bring. */
export function hasNul(cells: RowCells, i: number): boolean {
  if (!cells.escaped[i]) return false;
  const raw = cells.bytes.toString('latin1', cells.starts[i], cells.stops[i]);
  return raw.replaceAll('\\\\', '').includes('\\u0000');
}
