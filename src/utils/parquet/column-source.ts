import type { ColumnSource } from 'hyparquet-writer';
import type { Column } from '../columns/column-table.js';

/** Neighbours that are no further apart make differences of few bits. */
const NEAR = 2 ** 31;
const LOW_HALF = 2 ** 32;

/**
 * A column in the form that costs the writer least: typed arrays where nothing is null, no bigints for
 * small integers. The statistics of numbers are left to {@link numberStatistics}.
 */
export function columnSource(column: Column): ColumnSource {
  const { name } = column;
  switch (column.type) {
    case 'bool':
      return { name, data: nullable(column, (value) => value === 1) };
    case 'double':
      return {
        name,
        data: column.nulls === 0 ? column.values : nullable(column, (value) => value),
        statistics: false,
      };
    case 'int64':
    case 'timestamp':
      return integerSource(name, column);
    default:
      return { name, data: column.values as (string | null)[] };
  }
}

type Integers = Extract<Column, { readonly values: BigInt64Array }>;

function integerSource(name: string, column: Integers): ColumnSource {
  const small = toInt32(column.values);
  const { valid, nulls } = column;
  const values: ArrayLike<number | bigint> = small ?? column.values;
  const data = nulls === 0 ? (small ?? column.values) : nullable({ values, valid }, (value) => value);
  const isNear = small !== undefined || isSteady(column);
  const source = { name, data, statistics: false };
  return isNear ? { ...source, encoding: 'DELTA_BINARY_PACKED' } : source;
}

/** Whether each value is near the one before it, as with instants and numbers that are counted up. */
function isSteady({ values, valid }: Integers): boolean {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let last = Number.NaN;
  for (let row = 0; row < values.length; row++) {
    if (valid[row] === 0) continue;
    const value = (halves[row * 2 + 1] as number) * LOW_HALF + ((halves[row * 2] as number) >>> 0);
    if (Math.abs(value - last) > NEAR) return false;
    last = value;
  }
  return true;
}

/** The integers in 32 bits each; undefined when one of them has more. Their lower halves stand first. */
function toInt32(values: BigInt64Array): Int32Array | undefined {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const small = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const low = halves[row * 2] as number;
    if (halves[row * 2 + 1] !== low >> 31) return undefined;
    small[row] = low;
  }
  return small;
}

function nullable<V extends number | bigint, R>(
  { values, valid }: { readonly values: ArrayLike<V>; readonly valid: Uint8Array },
  convert: (value: V) => R,
): (R | null)[] {
  const data = new Array<R | null>(values.length).fill(null);
  for (let row = 0; row < data.length; row++) if (valid[row] === 1) data[row] = convert(values[row] as V);
  return data;
}
