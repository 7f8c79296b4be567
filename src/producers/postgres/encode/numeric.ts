import { type Decimal, parseDecimal } from '../../../utils/decimal.js';
import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { type CellEncoder, type ColumnCodec, literalText, plainText } from './cell-encoder.js';
import { codecOf } from './codec.js';
import type { CopyBuffer } from './copy-buffer.js';

const NEGATIVE = 0x4000;
const GROUP = 4;
/** Limits of PostgreSQL's numeric, in decimal digits before and after the point. */
const MAX_WHOLE = 131_072;
const MAX_SCALE = 16_383;

/** Text that comes back from a numeric as it was; a zero has no sign there. */
const CANONICAL = /^(?!-0\.0+$)(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d+)$/;

/** Precision and scale of a `numeric(p, s)` column; undefined for a plain `numeric`. */
export interface NumericLimits {
  readonly precision: number;
  readonly scale: number;
}

/** Offset of the display scale in a field. */
const SCALE_AT = 6;

/** numeric; see {@link numericEncoder}. */
export function numericCodec(limits?: NumericLimits, anySpelling = false): ColumnCodec {
  return codecOf(numericEncoder(limits, anySpelling), (field, cells, i) =>
    field.readInt16BE() === 0 ? zeroText(field.readInt16BE(SCALE_AT)) : plainText(cells, i),
  );
}

/** PostgreSQL reads no zero with an exponent beyond its range. */
function zeroText(scale: number): string {
  return scale === 0 ? '0' : `0.${'0'.repeat(scale)}`;
}

/**
 * numeric, with every digit as received. Of a column with limits, a value that PostgreSQL would round does not fit.
 *
 * @param anySpelling also for text such as `007` or `1e5`, which would not come back as it was
 *
 * Format: `numeric_send` in PostgreSQL's src/backend/utils/adt/numeric.c: int16 count of base-10000 digits, int16
 * weight of the first, int16 sign, int16 display scale, then the digits.
 */
function numericEncoder(limits?: NumericLimits, anySpelling = false): CellEncoder {
  return (out, cells, i) => {
    const text = literalText(cells, i);
    const decimal = text === undefined ? undefined : parseDecimal(text);
    if (decimal === undefined || !fitsNumeric(decimal, limits)) return false;
    if (cells.kinds[i] === JSON_KIND.string && !anySpelling && !CANONICAL.test(text as string)) return false;
    putNumeric(out, decimal);
    return true;
  };
}

/** Whether PostgreSQL's numeric can hold a number, without rounding it. */
export function fitsNumeric({ digits, exponent }: Decimal, limits?: NumericLimits): boolean {
  const whole = digits === '0' ? 0 : digits.length + exponent;
  if (whole > MAX_WHOLE || -exponent > MAX_SCALE) return false;
  return limits === undefined || (-exponent <= limits.scale && whole <= limits.precision - limits.scale);
}

function putNumeric(out: CopyBuffer, { negative, digits, exponent: written }: Decimal): void {
  const exponent = digits === '0' ? Math.min(0, written) : written;
  const scale = Math.max(0, -exponent);
  const whole = exponent >= 0 ? digits + '0'.repeat(exponent) : digits.slice(0, exponent) || '0';
  const fraction = exponent >= 0 ? '' : digits.slice(exponent).padStart(scale, '0');
  const wholeGroups = groups(whole.padStart(Math.ceil(whole.length / GROUP) * GROUP, '0'));
  const fractionGroups = groups(fraction.padEnd(Math.ceil(fraction.length / GROUP) * GROUP, '0'));
  const all = [...wholeGroups, ...fractionGroups];
  const first = all.findIndex((group) => group !== 0);
  const last = all.findLastIndex((group) => group !== 0);
  const kept = first < 0 ? [] : all.slice(first, last + 1);
  out.putInt32(8 + kept.length * 2);
  out.putInt16(toInt16(kept.length));
  out.putInt16(kept.length === 0 ? 0 : wholeGroups.length - 1 - first);
  out.putInt16(negative && kept.length > 0 ? NEGATIVE : 0);
  out.putInt16(scale);
  for (const group of kept) out.putInt16(group);
}

function groups(text: string): readonly number[] {
  return Array.from({ length: text.length / GROUP }, (_, i) =>
    Number(text.slice(i * GROUP, (i + 1) * GROUP)),
  );
}

/** The count is unsigned: 131,072 digits are 32,768 groups. */
function toInt16(count: number): number {
  return (count << 16) >> 16;
}
