const ZERO = 0x30;
const US_PER_SECOND = 1_000_000;
/** Between these years the microseconds since 1970 are whole as a double. */
const FIRST_YEAR = 1700;
const LAST_YEAR = 2250;
const SHORTEST = '2000-01-01T00:00:00Z'.length;
const OFFSET_LENGTH = '+00:00'.length;
const DASH = 0x2d;
const COLON = 0x3a;
const DOT = 0x2e;
const PLUS = 0x2b;
const SPACE = 0x20;
const LOWER_T = 0x74;
const LOWER_Z = 0x7a;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Microseconds since 1970 of what `parseRfc3339` accepts, straight from the bytes [start, stop) and for the years 1700
 * to 2250; NaN for anything else, which then takes the way through text.
 */
export function shortInstant(bytes: Uint8Array, start: number, stop: number): number {
  if (stop - start < SHORTEST || !hasSeparators(bytes, start)) return Number.NaN;
  const isUtc = ((bytes[stop - 1] as number) | 0x20) === LOWER_Z;
  const end = isUtc ? stop - 1 : stop - OFFSET_LENGTH;
  const offset = isUtc ? 0 : offsetSeconds(bytes, end);
  const seconds = daySeconds(bytes, start) + timeSeconds(bytes, start + 11) - offset;
  return seconds * US_PER_SECOND + fraction(bytes, start + 19, end);
}

function hasSeparators(bytes: Uint8Array, start: number): boolean {
  const between = bytes[start + 10] as number;
  return (
    bytes[start + 4] === DASH &&
    bytes[start + 7] === DASH &&
    (between === SPACE || (between | 0x20) === LOWER_T) &&
    bytes[start + 13] === COLON &&
    bytes[start + 16] === COLON
  );
}

function daySeconds(bytes: Uint8Array, at: number): number {
  const year = digits(bytes, at, 4);
  const month = digits(bytes, at + 5, 2);
  const day = digits(bytes, at + 8, 2);
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR && day >= 1 && day <= monthLength(year, month)))
    return Number.NaN;
  return daysSince1970(year, month, day) * 86_400;
}

/** 0 for a month that is none. */
function monthLength(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (MONTH_LENGTHS[month - 1] ?? 0);
}

/** Counts years from March on, so that a leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const fromMarch = month > 2 ? month - 3 : month + 9;
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + Math.floor((153 * fromMarch + 2) / 5) + day - 719_469;
}

function timeSeconds(bytes: Uint8Array, at: number): number {
  const hour = digits(bytes, at, 2);
  const minute = digits(bytes, at + 3, 2);
  const second = digits(bytes, at + 6, 2);
  return hour < 24 && minute < 60 && second < 60 ? hour * 3600 + minute * 60 + second : Number.NaN;
}

function offsetSeconds(bytes: Uint8Array, at: number): number {
  const sign = bytes[at];
  if ((sign !== PLUS && sign !== DASH) || bytes[at + 3] !== COLON) return Number.NaN;
  const hours = digits(bytes, at + 1, 2);
  const minutes = digits(bytes, at + 4, 2);
  if (!(hours < 24 && minutes < 60)) return Number.NaN;
  return (sign === DASH ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function fraction(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return 0;
  const count = end - at - 1;
  if (bytes[at] !== DOT || count < 1 || count > 6) return Number.NaN;
  return digits(bytes, at + 1, count) * 10 ** (6 - count);
}

/** NaN when one of them is no digit. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
