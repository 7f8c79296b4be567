import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { parseRfc3339 } from '../../../utils/rfc3339.js';
import { type CellEncoder, literalText } from './cell-encoder.js';

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?$/;
const DAY_US = 86_400_000_000n;
const DAYS_TO_2000 = 10_957;

/** date, for text such as 2024-02-29 (RFC 3339 `full-date`): int32 days since 2000. */
export const encodeDate: CellEncoder = (out, cells, i) => {
  const text = cells.kinds[i] === JSON_KIND.string ? literalText(cells, i) : undefined;
  if (text === undefined || !DATE.test(text)) return false;
  const us = parseRfc3339(`${text}T00:00:00Z`);
  if (us === undefined || text.startsWith('0000')) return false;
  out.putInt32(4);
  out.putInt32(Number(us / DAY_US) - DAYS_TO_2000);
  return true;
};

/** time without time zone, for text such as 23:59 or 23:59:59.999999: int64 microseconds since midnight. */
export const encodeTime: CellEncoder = (out, cells, i) => {
  const text = cells.kinds[i] === JSON_KIND.string ? literalText(cells, i) : undefined;
  if (text === undefined || !TIME.test(text)) return false;
  const us = parseRfc3339(`1970-01-01T${text.length === 5 ? `${text}:00` : text}Z`);
  if (us === undefined) return false;
  out.putInt32(8);
  out.putInt64(us);
  return true;
};
