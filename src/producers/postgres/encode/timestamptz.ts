import { parseEpoch, type TimeUnit } from '../../../utils/epoch.js';
import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { parseRfc3339 } from '../../../utils/rfc3339.js';
import { type CellEncoder, literalText } from './cell-encoder.js';
import type { CopyBuffer } from './copy-buffer.js';

/** Microseconds from 1970 to 2000, from where PostgreSQL counts. */
const EPOCH_2000_US = 946_684_800_000_000n;
/** PostgreSQL's range: from 4713 BC to before the year 294277, in its own count. */
const MIN_US = -211_813_488_000_000_000n;
const MAX_US = 9_223_371_331_200_000_000n;

/**
 * timestamptz, for RFC 3339 text with offset, and for numbers where `columns:` gives their unit. See
 * {@link parseEpoch} for what is finer than a microsecond.
 */
export function timestamptzEncoder(unit?: TimeUnit): CellEncoder {
  return (out, cells, i) => {
    const text = literalText(cells, i);
    if (text === undefined) return false;
    const isText = cells.kinds[i] === JSON_KIND.string;
    const us =
      (isText ? parseRfc3339(text) : undefined) ?? (unit === undefined ? undefined : parseEpoch(text, unit));
    return us !== undefined && putTimestamptz(out, us);
  };
}

/** Writes an instant, microseconds since 1970; false when PostgreSQL cannot hold it. */
export function putTimestamptz(out: CopyBuffer, us: bigint): boolean {
  const since2000 = us - EPOCH_2000_US;
  if (since2000 < MIN_US || since2000 >= MAX_US) return false;
  out.putInt32(8);
  out.putInt64(since2000);
  return true;
}
