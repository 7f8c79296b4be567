/** A decimal number: (-1)^negative · digits · 10^exponent, digits without superfluous zeros in front. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const PATTERN = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const INTEGER = /^-?\d{1,19}$/;
/** Decimal numbers of so many digits survive the way through a double (IEEE 754-2008, section 5.12.2). */
const EXACT_LENGTH = 15;

/** The decimal number of a literal as JSON writes it; undefined when it is none. Digits are kept, `1.10` has three. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  return { negative: sign === '-', digits, exponent: Number(exponent) - fraction.length };
}

/** Whether the nearest double, written in its shortest form, is the same number as the literal. */
export function isExactAsDouble(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  const wanted = parseDecimal(text);
  const got = parseDecimal(String(value));
  return wanted !== undefined && got !== undefined && canonical(wanted) === canonical(got);
}

/** Whether a text is a number that a double keeps to the last decimal digit. */
export function fitsDouble(text: string): boolean {
  if (!PATTERN.test(text)) return false;
  const isShort = text.length <= EXACT_LENGTH && !/[eE]/.test(text);
  return isShort || isExactAsDouble(text);
}

/** Whether a text is an integer in [-max-1, max], written without fraction and exponent. */
export function isInteger(text: string, max: bigint): boolean {
  if (!INTEGER.test(text)) return false;
  if (text.length <= EXACT_LENGTH && max > 2n ** 53n) return true;
  const value = BigInt(text);
  return value <= max && value >= -max - 1n;
}

function canonical({ negative, digits, exponent }: Decimal): string {
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '' || trimmed === '0') return '0';
  return `${negative ? '-' : ''}${trimmed}e${exponent + digits.length - trimmed.length}`;
}
