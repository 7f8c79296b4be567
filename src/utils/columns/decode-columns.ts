import type { BatchContent } from '../rows/batch-content.js';
import type { DecodeSettings } from '../rows/decode-settings.js';
import { MessageDecoder } from '../rows/message-decoder.js';
import { ReceiptLookUp } from '../rows/receipt-look-up.js';
import { type BatchCounts, visitBatch } from '../rows/visit-batch.js';
import { buildColumn } from './build-column.js';
import { Contents } from './column-cells.js';
import { REST_COLUMN } from './column-name.js';
import type { Column, ColumnTable, ColumnTypes } from './column-table.js';
import { RowCollector } from './row-collector.js';

type Counts = Pick<ColumnTable, 'decodedMessages' | 'ignoredMessages' | 'deadMessages' | 'deadRows'>;

/**
 * Decodes batches of one stage into columns: one for each key that had a value here or in `known`. A column keeps the
 * type that it is known with for as long as its values fit, then becomes wider, at last text. What does not fit the
 * type that `columns:` gives goes into `_rest`, and so do further values for a column that has one.
 *
 * @param known the types of the last table made of the same stage
 */
export function decodeColumns(
  contents: readonly BatchContent[],
  decode: DecodeSettings,
  known: ColumnTypes,
): ColumnTable {
  const bytes = new Contents(contents.map((content) => content.bytes));
  const rows = new RowCollector(decode, known);
  const counts = collect(contents, decode, rows);
  const columns = buildColumns(bytes, rows, decode, known);
  const rest = restColumns(rows, columns, known);
  const metadata = decode.metadata.map((name) => rows.receipts.toColumn(name, rows.rows));
  return {
    rows: rows.rows,
    columns: [...columns, ...metadata, ...rest],
    types: [...columns, ...rest].map(({ name, type }) => [name, type] as const),
    ...counts,
  };
}

function collect(contents: readonly BatchContent[], decode: DecodeSettings, rows: RowCollector): Counts {
  const decoder = new MessageDecoder(decode);
  const total = { decodedMessages: 0, ignoredMessages: 0, deadMessages: 0, deadRows: 0 };
  let base = 0;
  for (const content of contents) {
    addTo(total, visitContent(content, decoder, rows, base));
    base += content.bytes.length;
  }
  return total;
}

function visitContent(
  { bytes, receipts }: BatchContent,
  decoder: MessageDecoder,
  rows: RowCollector,
  base: number,
): BatchCounts {
  const lookUp = new ReceiptLookUp(receipts);
  return visitBatch(bytes, decoder, {
    row: (cells, at) => {
      rows.take(cells, base, lookUp.at(at));
      return undefined;
    },
    setAside: () => {},
  });
}

function addTo(total: { -readonly [K in keyof Counts]: number }, counts: BatchCounts): void {
  total.decodedMessages += counts.decodedMessages;
  total.ignoredMessages += counts.ignoredMessages;
  total.deadMessages += counts.deadMessages;
  total.deadRows += counts.deadRows;
}

function buildColumns(
  contents: Contents,
  rows: RowCollector,
  decode: DecodeSettings,
  known: ColumnTypes,
): readonly Column[] {
  const sources = {
    rows: rows.rows,
    contents,
    settings: decode.columns,
    known: new Map(known),
    rest: rows.rest,
  };
  return [...rows.columns].map(([name, cells]) => buildColumn(name, cells, sources));
}

/** Rows without any column would not be counted, so they have this one. */
function restColumns(rows: RowCollector, columns: readonly Column[], known: ColumnTypes): readonly Column[] {
  const isKnown = known.some(([name]) => name === REST_COLUMN);
  const isNeeded = isKnown || !rows.rest.isEmpty || columns.length === 0;
  return isNeeded ? [rows.rest.toColumn(REST_COLUMN, rows.rows)] : [];
}
