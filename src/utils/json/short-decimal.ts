const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const MAX_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: MAX_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/**
 * The number of a literal of at most 15 digits without exponent, straight from its bytes [start, stop); NaN for any
 * other, which then takes the way through text. It is exact: such digits and such powers of ten are doubles, and the
 * quotient of two doubles is rounded once (W. D. Clinger, "How to Read Floating Point Numbers Accurately", 1990).
 *
 * hot path: one loop over the bytes, no text
 *
 * @param allowFraction false: NaN also for a literal with a decimal point
 */
export function shortDecimal(
  bytes: Uint8Array,
  start: number,
  stop: number,
  allowFraction: boolean,
): number {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  if (stop - first > MAX_DIGITS + 1) return Number.NaN;
  let digits = 0;
  let point = -1;
  for (let at = first; at < stop; at++) {
    const byte = bytes[at] as number;
    if (byte === DOT && allowFraction) point = at;
    else if (byte < ZERO || byte > ZERO + 9) return Number.NaN;
    else digits = digits * 10 + (byte - ZERO);
  }
  if (point < 0 && stop - first > MAX_DIGITS) return Number.NaN;
  const value = point < 0 ? digits : digits / (POWERS_OF_TEN[stop - point - 1] as number);
  return isNegative ? -value : value;
}
