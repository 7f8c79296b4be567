import {
  Bool,
  type Data,
  type DataType,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import type { Column, ColumnTable } from './column-table.js';

const MAX_TEXT_BYTES = 2 ** 31 - 1;

/**
 * A table in Arrow's memory layout; numbers are not copied. Text and json are Utf8, timestamps microseconds in UTC.
 * Arrow is large: callers import this file when it is first needed.
 *
 * @param metadata the schema's metadata
 */
export function toArrowTable(table: ColumnTable, metadata: ReadonlyMap<string, string>): Table {
  const children = table.columns.map((column) => toData(column));
  const fields = table.columns.map(
    ({ name }, index) => new Field(name, (children[index] as Data).type, true),
  );
  const schema = new Schema(fields, new Map(metadata));
  const rows = makeData({ type: new Struct(fields), length: table.rows, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, rows)]);
}

function toData(column: Column): Data<DataType> {
  const length = column.values.length;
  const nullBitmap = column.nulls === 0 ? null : toBits(column.valid);
  const common = { length, nullCount: column.nulls, nullBitmap };
  switch (column.type) {
    case 'bool':
      return makeData({ ...common, type: new Bool(), data: toBits(column.values as Uint8Array) });
    case 'int64':
      return makeData({ ...common, type: new Int64(), data: column.values as BigInt64Array });
    case 'timestamp':
      return makeData({
        ...common,
        type: new TimestampMicrosecond('UTC'),
        data: column.values as BigInt64Array,
      });
    case 'double':
      return makeData({ ...common, type: new Float64(), data: column.values as Float64Array });
    default:
      return makeData({
        ...common,
        type: new Utf8(),
        ...toUtf8(column.values as readonly (string | null)[]),
      });
  }
}

/** One bit for each byte that is 0 or 1, the lowest first. */
function toBits(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bytes.length / 8));
  for (let i = 0; i < bytes.length; i++)
    bits[i >> 3] = (bits[i >> 3] as number) | ((bytes[i] as number) << (i & 7));
  return bits;
}

function toUtf8(texts: readonly (string | null)[]): { valueOffsets: Int32Array; data: Uint8Array } {
  const valueOffsets = new Int32Array(texts.length + 1);
  let total = 0;
  texts.forEach((text, row) => {
    total += text === null ? 0 : Buffer.byteLength(text);
    valueOffsets[row + 1] = total;
  });
  if (total > MAX_TEXT_BYTES)
    throw new RangeError(`expected less than 2 GiB of text in a column, got ${total} bytes`);
  const data = Buffer.allocUnsafeSlow(total);
  texts.forEach((text, row) => {
    if (text !== null) data.write(text, valueOffsets[row] as number, 'utf8');
  });
  return { valueOffsets, data };
}
