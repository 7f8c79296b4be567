import type { ColumnSetting, DecodeSettings } from '../../utils/rows/decode-settings.js';
import type { JsonObject } from './message-kinds.js';

/** A decimal number in quotes, with a point: one without may as well be the name of something. */
const DECIMAL = /^-?\d{1,40}\.\d{1,40}$/;
const DIGITS = /^\d{10,19}$/;
const TIME_NAME = /time|stamp|date|^t$|^T$|^E$|^ts$|_ts$|^at$|_at$/;
/** Of now, give or take decades, in each unit: the least and the most. */
const UNITS = [
  ['s', 1e9, 4e9],
  ['ms', 1e12, 4e12],
  ['us', 1e15, 4e15],
  ['ns', 1e18, 4e18],
] as const;

/**
 * The types that columns have by the settings, with those that arrive as text or number and are most likely something
 * else; undefined when there are none of these.
 *
 * @param rows by the keys that `rename` is for
 */
export function columnsWith(
  columns: DecodeSettings['columns'],
  rows: readonly JsonObject[],
  rename: DecodeSettings['rename'],
): Readonly<Record<string, unknown>> | undefined {
  const found = rows.flatMap(Object.entries).flatMap(([key, value]) => {
    const name = rename[key] ?? key;
    const type = typeOf(key, value);
    return type === undefined || Object.hasOwn(columns, name) ? [] : [[name, type] as const];
  });
  if (found.length === 0) return undefined;
  const known = Object.entries(columns).map(([name, setting]) => [name, asWritten(setting)] as const);
  return Object.fromEntries([...known, ...found]);
}

/** A type alone, unless there is more to say. */
function asWritten({ type, unit, encoding }: ColumnSetting): unknown {
  const more = Object.entries({ unit, encoding }).filter(([, value]) => value !== undefined);
  return more.length === 0 ? type : { type, ...Object.fromEntries(more) };
}

function typeOf(key: string, value: unknown): unknown {
  if (typeof value === 'string' && DECIMAL.test(value)) return 'numeric';
  const unit = TIME_NAME.test(key) ? unitOf(value) : undefined;
  return unit === undefined ? undefined : { type: 'timestamptz', unit };
}

/** Of a number, also one in quotes. */
function unitOf(value: unknown): string | undefined {
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
  if (typeof number !== 'number') return undefined;
  return UNITS.find(([, least, most]) => number >= least && number < most)?.[0];
}
