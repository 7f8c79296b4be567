import type { TIME_UNITS } from '../../../utils/rows/decode-settings.js';
import { encodeBool } from './bool.js';
import type { CellEncoder } from './cell-encoder.js';
import { encodeFloat8 } from './float.js';
import { integerEncoder } from './integer.js';
import { type NumericLimits, numericEncoder } from './numeric.js';
import { encodeText, jsonEncoder } from './text.js';
import { timestamptzEncoder } from './timestamptz.js';

const TYPMOD_HEADER = 4;

/** What of a column decides its encoder. */
export interface EncodedType {
  /** `pg_type.typname`. */
  readonly type: string;
  readonly modifier: number;
  readonly unit?: (typeof TIME_UNITS)[number] | undefined;
}

/** The encoder of a column; undefined when values of its type cannot be written yet. */
export function encoderFor({ type, modifier, unit }: EncodedType): CellEncoder | undefined {
  switch (type) {
    case 'bool':
      return encodeBool;
    case 'int2':
      return integerEncoder(2);
    case 'int4':
      return integerEncoder(4);
    case 'int8':
      return integerEncoder(8);
    case 'float8':
      return encodeFloat8;
    case 'numeric':
      return numericEncoder(numericLimits(modifier));
    case 'text':
      return encodeText;
    case 'varchar':
      return modifier === -1 ? encodeText : undefined;
    case 'timestamptz':
      return modifier === -1 ? timestamptzEncoder(unit) : undefined;
    case 'jsonb':
    case 'json':
      return jsonEncoder(type === 'jsonb');
    default:
      return undefined;
  }
}

/** Precision and scale packed as in `make_numeric_typmod` of PostgreSQL's numeric.c. */
function numericLimits(modifier: number): NumericLimits | undefined {
  if (modifier === -1) return undefined;
  const packed = modifier - TYPMOD_HEADER;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}
