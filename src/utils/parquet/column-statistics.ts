import type { Statistics } from 'hyparquet';
import type { Column } from '../columns/column-table.js';

type Statistic = Pick<Statistics, 'min_value' | 'max_value' | 'null_count'>;

/**
 * The least and the greatest number of the rows [from, to), by which readers skip row groups; undefined for columns of
 * other types. The writer's own are right too, but make two bigints a value.
 */
export function numberStatistics(column: Column, from: number, to: number): Statistic | undefined {
  const bounds = boundsOf(column, from, to);
  if (bounds === undefined) return undefined;
  let nulls = 0;
  for (let row = from; row < to; row++) if (column.valid[row] === 0) nulls++;
  const isEmpty = nulls === to - from;
  return { ...(isEmpty ? {} : bounds), null_count: BigInt(nulls) };
}

function boundsOf(column: Column, from: number, to: number): Omit<Statistic, 'null_count'> | undefined {
  if (column.type === 'double') return doubleBounds(column, from, to);
  return column.type === 'int64' || column.type === 'timestamp' ? integerBounds(column, from, to) : undefined;
}

type Doubles = Extract<Column, { readonly type: 'double' }>;
type Integers = Extract<Column, { readonly values: BigInt64Array }>;

/** The format wants a least zero negative and a greatest one positive. */
function doubleBounds({ values, valid }: Doubles, from: number, to: number) {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = from; row < to; row++) {
    const value = values[row] as number;
    if (valid[row] === 0) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min_value: min === 0 ? -0 : min, max_value: max === 0 ? 0 : max };
}

function integerBounds({ values, valid }: Integers, from: number, to: number) {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let least = -1;
  let greatest = -1;
  for (let row = from; row < to; row++) {
    if (valid[row] === 0) continue;
    if (least < 0 || isLess(halves, row, least)) least = row;
    if (greatest < 0 || isLess(halves, greatest, row)) greatest = row;
  }
  return { min_value: values[least] as bigint, max_value: values[greatest] as bigint };
}

function isLess(halves: Int32Array, left: number, right: number): boolean {
  const leftHigh = halves[left * 2 + 1] as number;
  const rightHigh = halves[right * 2 + 1] as number;
  if (leftHigh !== rightHigh) return leftHigh < rightHigh;
  return (halves[left * 2] as number) >>> 0 < (halves[right * 2] as number) >>> 0;
}
