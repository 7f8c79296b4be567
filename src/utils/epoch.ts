import { parseDecimal } from './decimal.js';
import type { TIME_UNITS } from './rows/decode-settings.js';

export type TimeUnit = (typeof TIME_UNITS)[number];

const UNIT_EXPONENT = { s: 6, ms: 3, us: 0, ns: -3 } as const;

/**
 * Microseconds since 1970 of a number of units since 1970; undefined when it is no number, or finer than a microsecond.
 * Only of the unit `ns` what is finer is cut off.
 */
export function parseEpoch(text: string, unit: TimeUnit): bigint | undefined {
  const decimal = parseDecimal(text);
  if (decimal === undefined || decimal.digits.length > 30) return undefined;
  const exponent = decimal.exponent + UNIT_EXPONENT[unit];
  if (exponent > 30 || exponent < -30) return undefined;
  const digits = BigInt(decimal.digits) * (decimal.negative ? -1n : 1n);
  if (exponent >= 0) return digits * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  const rest = ((digits % divisor) + divisor) % divisor;
  return rest === 0n || unit === 'ns' ? (digits - rest) / divisor : undefined;
}
