import { parseEpoch, type TimeUnit } from '../../epoch.js';
import { JSON_KIND } from '../../json/json-kind.js';
import { shortDecimal } from '../../json/short-decimal.js';
import { parseRfc3339 } from '../../rfc3339.js';
import { shortInstant } from '../../short-instant.js';
import type { Cell } from '../cell.js';
import type { ColumnBuilder } from './column-builder.js';
import { Int64Values } from './int64-values.js';

/** Beyond it microseconds since 1970 are no int64, or stand for infinity in DuckDB. */
const LIMIT_US = 2n ** 63n - 1n;
/** Of the units that are no finer than a microsecond. */
const MICROSECONDS: Readonly<Partial<Record<TimeUnit, number>>> = { s: 1_000_000, ms: 1000, us: 1 };

/**
 * For RFC 3339 text with offset and at most six fraction digits.
 *
 * @param unit given, also for numbers of that unit since 1970, and text that is such a number
 */
export function createTimestampBuilder(rows: number, unit?: TimeUnit): ColumnBuilder {
  const instants = new Int64Values(rows);
  return {
    type: 'timestamp',
    values: instants.values,
    put: (row, cell) => {
      const short = cell.kind === JSON_KIND.string ? shortText(cell) : shortNumber(cell, unit);
      if (Number.isSafeInteger(short)) {
        instants.setSafe(row, short);
        return true;
      }
      const us = parseInstant(cell, unit);
      if (us === undefined || us >= LIMIT_US || us <= -LIMIT_US) return false;
      instants.set(row, us);
      return true;
    },
  };
}

function shortText({ bytes, start, stop, escaped }: Cell): number {
  return escaped ? Number.NaN : shortInstant(bytes, start + 1, stop - 1);
}

function shortNumber({ kind, bytes, start, stop }: Cell, unit: TimeUnit | undefined): number {
  const factor = unit === undefined ? undefined : MICROSECONDS[unit];
  if (factor === undefined || kind !== JSON_KIND.number) return Number.NaN;
  return shortDecimal(bytes, start, stop, false) * factor;
}

function parseInstant(cell: Cell, unit: TimeUnit | undefined): bigint | undefined {
  const text = cell.literal();
  if (text === undefined) return undefined;
  const instant = cell.kind === JSON_KIND.string ? parseRfc3339(text) : undefined;
  return instant ?? (unit === undefined ? undefined : parseEpoch(text, unit));
}
