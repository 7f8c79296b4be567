import type { BatchContent, Receipt } from '../../../src/stages/stage.js';
import type { Column, ColumnTable, ColumnTypes } from '../../../src/utils/columns/column-table.js';
import { decodeColumns } from '../../../src/utils/columns/decode-columns.js';
import type { DecodeSettings } from '../../../src/utils/rows/decode-settings.js';

/** Settings that change nothing, but for those given. */
export function settingsOf(more: Partial<DecodeSettings> = {}): DecodeSettings {
  const none = { decode: 'json', include: {}, ignore: [], rename: {}, columns: {}, metadata: [] };
  return { ...none, ...more } as unknown as DecodeSettings;
}

export function contentOf(lines: readonly string[], receipts: readonly Receipt[] = []): BatchContent {
  return { bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')), receipts };
}

export function decodeLines(
  lines: readonly string[],
  more: Partial<DecodeSettings> = {},
  known: ColumnTypes = [],
): ColumnTable {
  return decodeColumns([contentOf(lines)], settingsOf(more), known);
}

/** A column's values, null where there is none; bool as booleans. */
function valuesOf(column: Column): readonly unknown[] {
  return Array.from(column.values as ArrayLike<unknown>, (value, row) => {
    if (column.valid[row] === 0) return null;
    return column.type === 'bool' ? value === 1 : value;
  });
}

/** Name, type and values of each column of a table. */
export function shown({ columns }: ColumnTable): readonly (readonly [string, string, readonly unknown[]])[] {
  return columns.map((column) => [column.name, column.type, valuesOf(column)]);
}
