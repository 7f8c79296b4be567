const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
/** A double keeps every number of so many digits. */
export const MAX_DIGITS = 15;
export const POWERS_OF_TEN = Array.from({ length: MAX_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/**
 * The number of a literal of at most 15 digits without exponent, straight from its bytes [start, stop); NaN for any
 * other, which then takes the way through text. It is exact: such digits and such powers of ten are doubles, and the
 * quotient of two doubles is rounded once (W. D. Clinger, "How to Read Floating Point Numbers Accurately", 1990).
 *
 * @param allowFraction false: NaN also for a literal with a decimal point
 */
export function shortDecimal(bytes: Uint8Array, start: number, stop: number, allowFraction: boolean): number {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  const point = allowFraction ? findPoint(bytes, first, stop) : stop;
  const scale = point < stop ? stop - point - 1 : 0;
  if (point - first + scale > MAX_DIGITS) return Number.NaN;
  const power = POWERS_OF_TEN[scale] as number;
  const fraction = scale === 0 ? 0 : digitsBetween(bytes, point + 1, stop);
  const value = (digitsBetween(bytes, first, point) * power + fraction) / power;
  return isNegative ? -value : value;
}

function findPoint(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== DOT) at++;
  return at;
}

function digitsBetween(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
