import type { SchemaElement } from 'hyparquet';
import type { Column, ValueType } from '../columns/column-table.js';

type ColumnSchema = Omit<SchemaElement, 'name'>;

/** How the values are stored. */
const STORED: Readonly<Record<ValueType, ColumnSchema>> = {
  bool: { type: 'BOOLEAN' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  timestamp: { type: 'INT64' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

/** What readers are told that the stored values mean; the older `converted_type` too, because DuckDB knows JSON only by it. */
const DECLARED: Readonly<Record<ValueType, ColumnSchema>> = {
  ...STORED,
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
};

/** The schema for the values as they are handed over; the writer would otherwise parse JSON and lose digits. */
export function storedSchema(columns: readonly Column[]): SchemaElement[] {
  return schemaOf(columns, STORED);
}

/** The schema that stands in the file. */
export function declaredSchema(columns: readonly Column[]): SchemaElement[] {
  return schemaOf(columns, DECLARED);
}

function schemaOf(
  columns: readonly Column[],
  types: Readonly<Record<ValueType, ColumnSchema>>,
): SchemaElement[] {
  const elements = columns.map(({ name, type }) => ({
    name,
    repetition_type: 'OPTIONAL' as const,
    ...types[type],
  }));
  return [{ name: 'root', num_children: columns.length }, ...elements];
}
