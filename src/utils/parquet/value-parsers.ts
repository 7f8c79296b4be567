import type { ParquetParsers } from 'hyparquet';

const MIN_MS = Date.parse('0000-01-01T00:00:00Z');
const MAX_MS = Date.parse('9999-12-31T23:59:59.999Z');
const DAY_MS = 86_400_000;
const utf8 = new TextDecoder();

/** How instants, days and JSON are given: as text that keeps every digit; instants beyond RFC 3339 as their number. */
export const VALUE_PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (ms) => instant(ms, 3),
  timestampFromMicroseconds: (us) => instant(us, 6),
  timestampFromNanoseconds: (ns) => instant(ns, 9),
  dateFromDays: (days) => day(days),
  jsonFromBytes: (bytes) => bytes && utf8.decode(bytes),
};

function instant(count: bigint, digits: 3 | 6 | 9): string | bigint | undefined {
  if (count === undefined || count === null) return undefined;
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((count % perSecond) + perSecond) % perSecond;
  const ms = Number((count - fraction) / perSecond) * 1000;
  if (!isRfc3339(ms)) return count;
  return `${new Date(ms).toISOString().slice(0, 19)}.${String(fraction).padStart(digits, '0')}Z`;
}

function day(days: number): string | number | undefined {
  if (days === undefined || days === null) return undefined;
  const ms = days * DAY_MS;
  return isRfc3339(ms) ? new Date(ms).toISOString().slice(0, 10) : days;
}

function isRfc3339(ms: number): boolean {
  return ms >= MIN_MS && ms <= MAX_MS;
}
