import { JSON_KIND } from '../json/json-kind.js';
import type { ColumnSetting } from '../rows/decode-settings.js';
import { createBoolBuilder } from './builders/bool-builder.js';
import type { ColumnBuilder } from './builders/column-builder.js';
import { createDoubleBuilder } from './builders/double-builder.js';
import { createInt64Builder } from './builders/int64-builder.js';
import { createDigitsBuilder, createJsonBuilder, createTextBuilder } from './builders/text-builder.js';
import { createTimestampBuilder } from './builders/timestamp-builder.js';
import type { ValueType } from './column-table.js';

export type CreateBuilder = (rows: number) => ColumnBuilder;

const NUMBERS = 1 << JSON_KIND.number;
const STRINGS = 1 << JSON_KIND.string;
const BOOLS = (1 << JSON_KIND.true) | (1 << JSON_KIND.false);
const STRUCTURES = (1 << JSON_KIND.object) | (1 << JSON_KIND.array);

const CREATE: Readonly<Record<ValueType, CreateBuilder>> = {
  bool: createBoolBuilder,
  int64: (rows) => createInt64Builder(rows),
  double: (rows) => createDoubleBuilder(rows),
  timestamp: (rows) => createTimestampBuilder(rows),
  text: createTextBuilder,
  json: createJsonBuilder,
};

/** What a column becomes, type by type, when its values do not fit; `text` and `json` take every value. */
const WIDER: Readonly<Record<ValueType, readonly ValueType[]>> = {
  bool: ['bool', 'text'],
  int64: ['int64', 'double', 'text'],
  double: ['double', 'text'],
  timestamp: ['timestamp', 'text'],
  text: ['text'],
  json: ['json'],
};

/**
 * The builders of a column without a setting, in the order in which they are to be tried; the last takes every value.
 *
 * @param seen the kinds of the column's values, as bits `1 << kind`
 * @param known the type that earlier files have the column with
 */
export function inferBuilders(seen: number, known: ValueType | undefined): readonly CreateBuilder[] {
  return WIDER[known ?? narrowest(seen)].map((type) => CREATE[type]);
}

function narrowest(seen: number): ValueType {
  if ((seen & STRUCTURES) !== 0) return 'json';
  if ((seen & ~NUMBERS) === 0) return 'int64';
  if ((seen & ~BOOLS) === 0) return 'bool';
  return (seen & ~STRINGS) === 0 ? 'timestamp' : 'text';
}

/** The builder of a column that `columns:` names. Numbers are text where no other type keeps every digit, and so is what is checked only by a database. */
export function declaredBuilder({ type, unit }: ColumnSetting): CreateBuilder {
  const makers: Readonly<Record<ColumnSetting['type'], CreateBuilder>> = {
    bool: createBoolBuilder,
    int2: (rows) => createInt64Builder(rows, 2, true),
    int4: (rows) => createInt64Builder(rows, 4, true),
    int8: (rows) => createInt64Builder(rows, 8, true),
    float4: (rows) => createDoubleBuilder(rows, true),
    float8: (rows) => createDoubleBuilder(rows, true),
    numeric: createDigitsBuilder,
    text: createTextBuilder,
    uuid: createTextBuilder,
    date: createTextBuilder,
    time: createTextBuilder,
    timestamp: createTextBuilder,
    bytea: createTextBuilder,
    timestamptz: (rows) => createTimestampBuilder(rows, unit),
    jsonb: createJsonBuilder,
  };
  return makers[type];
}
