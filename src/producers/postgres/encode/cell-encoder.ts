import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { stringText } from '../../../utils/json/json-text.js';
import type { RowCells } from '../../../utils/rows/row-cells.js';
import type { CopyBuffer } from './copy-buffer.js';

type Places = 'kinds' | 'starts' | 'stops' | 'escaped' | 'scales' | 'numbers';

/** Values as places in bytes; what an encoder needs of a row's cells, or of an array's elements. */
export type Cells = Pick<RowCells, 'bytes' | Places>;

/**
 * Writes cell `i`, which is not null, as one field of a binary COPY.
 *
 * @returns false when the value does not fit the column's type; what was written until then is undone by the caller
 */
export type CellEncoder = (out: CopyBuffer, cells: Cells, i: number) => boolean;

/** Cell `i`, which is not null, as the text that the server's input function reads; undefined when it does not fit. */
export type CellText = (cells: Cells, i: number) => string | undefined;

/** The types whose commonest values are written on the spot, without the codec; see `putQuickFields` and `CopyKernel`. */
export type QuickType = 'int2' | 'int4' | 'int8' | 'float8' | 'text' | 'bool' | 'numeric';

/** How the values of a column are written. */
export interface ColumnCodec {
  readonly quick?: QuickType;
  /** For a binary COPY; a table with a column that has none is loaded by a text COPY. */
  readonly binary: CellEncoder | undefined;
  readonly text: CellText;
}

/** The text of a number's digits or of a string; undefined for other kinds. Columns given a type accept both. */
export function literalText(cells: Cells, i: number): string | undefined {
  const start = cells.starts[i] as number;
  const stop = cells.stops[i] as number;
  if (cells.kinds[i] === JSON_KIND.number) return latin1(cells.bytes, start, stop);
  if (cells.kinds[i] === JSON_KIND.string)
    return stringText(cells.bytes, start, stop, cells.escaped[i] === 1);
  return undefined;
}

/** The bytes [start, stop) as text, for bytes known to be ASCII. */
function latin1(bytes: Buffer, start: number, stop: number): string {
  return bytes.toString('latin1', start, stop);
}

/** The text of a string, and of any other value its JSON as received. */
export function plainText(cells: Cells, i: number): string {
  return literalText(cells, i) ?? cells.bytes.toString('utf8', cells.starts[i], cells.stops[i]);
}
