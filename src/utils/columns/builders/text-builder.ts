import { parseDecimal } from '../../decimal.js';
import { JSON_KIND } from '../../json/json-kind.js';
import type { Cell } from '../cell.js';
import type { ColumnBuilder } from './column-builder.js';
import { TextCache } from './text-cache.js';

/** For every value: a string's characters, and of any other value its JSON as received. */
export function createTextBuilder(rows: number): ColumnBuilder {
  const cache = new TextCache();
  const values = new Array<string | null>(rows).fill(null);
  return {
    type: 'text',
    values,
    put: (row, cell) => {
      const isPlain = cell.kind === JSON_KIND.string && !cell.escaped;
      if (cell.kind === JSON_KIND.string && cell.escaped) values[row] = cell.text();
      else if (isPlain) values[row] = cache.text(cell.bytes, cell.start + 1, cell.stop - 1);
      else values[row] = cache.text(cell.bytes, cell.start, cell.stop);
      return true;
    },
  };
}

/** For every value: its JSON as received. */
export function createJsonBuilder(rows: number): ColumnBuilder {
  const cache = new TextCache();
  const values = new Array<string | null>(rows).fill(null);
  return {
    type: 'json',
    values,
    put: (row, { bytes, start, stop }) => {
      values[row] = cache.text(bytes, start, stop);
      return true;
    },
  };
}

/** For numbers, and text that is a number: the digits as received. */
export function createDigitsBuilder(rows: number): ColumnBuilder {
  const text = createTextBuilder(rows);
  return { ...text, put: (row, cell) => isDecimal(cell) && text.put(row, cell) };
}

function isDecimal(cell: Cell): boolean {
  return cell.kind === JSON_KIND.number || parseDecimal(cell.literal() ?? '') !== undefined;
}
