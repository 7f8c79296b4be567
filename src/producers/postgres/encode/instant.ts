import { parseEpoch, type TimeUnit } from '../../../utils/epoch.js';
import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { parseRfc3339 } from '../../../utils/rfc3339.js';
import { type CellEncoder, type ColumnCodec, literalText } from './cell-encoder.js';
import { codecOf } from './codec.js';
import type { CopyBuffer } from './copy-buffer.js';

/** Microseconds from 1970 to 2000, from where PostgreSQL counts. */
const EPOCH_2000_US = 946_684_800_000_000n;
/** PostgreSQL's range: from 4713 BC to before the year 294277, in its own count. */
const MIN_US = -211_813_488_000_000_000n;
const MAX_US = 9_223_371_331_200_000_000n;
const DAY_US = 86_400_000_000n;
const FINEST = 6;
/** An offset that is none: the time of day is that of UTC. */
const UTC = /(?:[Zz]|[+-]00:00)$/;
const OFFSET = /(?:[Zz]|[+-]\d\d:\d\d)$/;

/** What a column of instants may ask for. */
export interface InstantType {
  /** Unit of numbers since 1970; they do not fit without one. */
  readonly unit?: TimeUnit | undefined;
  /** Digits of a second that the column keeps. */
  readonly digits?: number | undefined;
}

/**
 * timestamptz, for RFC 3339 text with offset, and for numbers where `columns:` gives their unit. See
 * {@link parseEpoch} for what is finer than a microsecond.
 */
export function timestamptzCodec(type: InstantType): ColumnCodec {
  return codecOf(instantEncoder(type, parseRfc3339), (field) => instantText(field, 'Z'));
}

/** timestamp without time zone, for RFC 3339 text without offset or in UTC; an offset that PostgreSQL would drop does not fit. */
export function timestampCodec(type: InstantType): ColumnCodec {
  return codecOf(instantEncoder(type, parseLocal), (field) => instantText(field, ''));
}

function instantEncoder(
  { unit, digits = FINEST }: InstantType,
  parse: (text: string) => bigint | undefined,
): CellEncoder {
  const grain = 10n ** BigInt(FINEST - digits);
  return (out, cells, i) => {
    const text = literalText(cells, i);
    if (text === undefined) return false;
    const isText = cells.kinds[i] === JSON_KIND.string;
    const us =
      (isText ? parse(text) : undefined) ?? (unit === undefined ? undefined : parseEpoch(text, unit));
    return us !== undefined && us % grain === 0n && putTimestamptz(out, us);
  };
}

function parseLocal(text: string): bigint | undefined {
  if (OFFSET.test(text)) return UTC.test(text) ? parseRfc3339(text) : undefined;
  return parseRfc3339(`${text}Z`);
}

/** Writes an instant, microseconds since 1970; false when PostgreSQL cannot hold it. */
export function putTimestamptz(out: CopyBuffer, us: bigint): boolean {
  const since2000 = us - EPOCH_2000_US;
  if (since2000 < MIN_US || since2000 >= MAX_US) return false;
  out.putInt32(8);
  out.putInt64(since2000);
  return true;
}

function instantText(field: Buffer, zone: string): string {
  return utcText(field.readBigInt64BE() + EPOCH_2000_US, zone);
}

/** Microseconds since 1970 as PostgreSQL reads them. */
export function utcText(us: bigint, zone: string): string {
  const timeUs = ((us % DAY_US) + DAY_US) % DAY_US;
  const { year, month, day } = civilDate(Number((us - timeUs) / DAY_US));
  const time = new Date(Number(timeUs / 1000n)).toISOString().slice(11, 19);
  const fraction = String(timeUs % 1_000_000n).padStart(6, '0');
  const date = [year > 0 ? year : 1 - year, month, day].map((part, i) =>
    String(part).padStart(i === 0 ? 4 : 2, '0'),
  );
  return `${date.join('-')} ${time}.${fraction}${zone}${year > 0 ? '' : ' BC'}`;
}

/**
 * The proleptic Gregorian date of a day, counted from 1970; the year before 1 is 0. JavaScript's dates end earlier than
 * PostgreSQL's. After "civil_from_days" in Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */
function civilDate(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const sinceMarch0 = days + 719_468;
  const era = Math.floor(sinceMarch0 / 146_097);
  const dayOfEra = sinceMarch0 - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
