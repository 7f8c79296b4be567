import type { TIME_UNITS } from '../../../utils/rows/decode-settings.js';
import { encodeBool } from './bool.js';
import type { CellEncoder } from './cell-encoder.js';
import { float8Encoder } from './float.js';
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
  /** Whether `columns:` names it: then text that is a number in another spelling is taken too. */
  readonly isDeclared?: boolean | undefined;
}

/** By `pg_type.typname`. A maker gives undefined where the modifier would change values silently. */
const MAKERS: Readonly<Record<string, (type: EncodedType) => CellEncoder | undefined>> = {
  bool: () => encodeBool,
  int2: ({ isDeclared }) => integerEncoder(2, isDeclared),
  int4: ({ isDeclared }) => integerEncoder(4, isDeclared),
  int8: ({ isDeclared }) => integerEncoder(8, isDeclared),
  float8: ({ isDeclared }) => float8Encoder(isDeclared),
  numeric: ({ modifier, isDeclared }) => numericEncoder(numericLimits(modifier), isDeclared),
  text: () => encodeText,
  varchar: ({ modifier }) => (modifier === -1 ? encodeText : undefined),
  timestamptz: ({ modifier, unit }) => (modifier === -1 ? timestamptzEncoder(unit) : undefined),
  jsonb: () => jsonEncoder(true),
  json: () => jsonEncoder(false),
};

/** The encoder of a column; undefined when values of its type cannot be written yet. */
export function encoderFor(type: EncodedType): CellEncoder | undefined {
  return Object.hasOwn(MAKERS, type.type) ? MAKERS[type.type]?.(type) : undefined;
}

/** Precision and scale packed as in `make_numeric_typmod` of PostgreSQL's numeric.c. */
function numericLimits(modifier: number): NumericLimits | undefined {
  if (modifier === -1) return undefined;
  const packed = modifier - TYPMOD_HEADER;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}
