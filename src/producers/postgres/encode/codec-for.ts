import type { ColumnSetting } from '../../../utils/rows/decode-settings.js';
import { arrayCodec } from './array.js';
import { encodeBool } from './bool.js';
import { byteaCodec } from './bytea.js';
import type { ColumnCodec, QuickType } from './cell-encoder.js';
import { codecOf } from './codec.js';
import { encodeDate, encodeTime } from './date.js';
import { enumCodec } from './enum.js';
import { float4Encoder, float8Encoder } from './float.js';
import { inputCodec } from './input-text.js';
import { timestampCodec, timestamptzCodec } from './instant.js';
import { integerEncoder } from './integer.js';
import { type NumericLimits, numericCodec } from './numeric.js';
import { encodeText, jsonEncoder, limitedText, shortText } from './text.js';
import { encodeUuid } from './uuid.js';

const TYPMOD_HEADER = 4;
/** NAMEDATALEN, less its closing zero. */
const NAME_BYTES = 63;

/** A type of PostgreSQL, domains resolved to what they are made of. */
export interface SqlType {
  /** `pg_type.typname` of the types in pg_catalog; `enum`, or `other` for a type of somebody else's. */
  readonly type: string;
  /** `pg_type.typcategory`. */
  readonly category: string;
  /** `pg_attribute.atttypmod`: -1, or what `varchar(n)` and `numeric(p,s)` add. */
  readonly modifier: number;
  /** Of an enum, or of an array of one. */
  readonly labels: readonly string[] | null;
  /** Of an array: its elements' type. */
  readonly elementType: string | null;
  readonly elementOid: number | null;
}

interface Wanted extends SqlType {
  readonly setting: ColumnSetting | undefined;
  /** Whether `columns:` names it: then text that is a number in another spelling is taken too. */
  readonly isDeclared: boolean;
}

/** By `pg_type.typname`. */
const MAKERS: Readonly<Record<string, (wanted: Wanted) => ColumnCodec>> = {
  bool: () =>
    quick(
      'bool',
      codecOf(encodeBool, (field) => (field[0] === 1 ? 't' : 'f')),
    ),
  int2: ({ isDeclared }) =>
    quick(
      'int2',
      codecOf(integerEncoder(2, isDeclared), (field) => String(field.readInt16BE())),
    ),
  int4: ({ isDeclared }) =>
    quick(
      'int4',
      codecOf(integerEncoder(4, isDeclared), (field) => String(field.readInt32BE())),
    ),
  int8: ({ isDeclared }) =>
    quick(
      'int8',
      codecOf(integerEncoder(8, isDeclared), (field) => String(field.readBigInt64BE())),
    ),
  float4: ({ isDeclared }) => codecOf(float4Encoder(isDeclared)),
  float8: ({ isDeclared }) => quick('float8', codecOf(float8Encoder(isDeclared))),
  numeric: ({ modifier, isDeclared }) => {
    const codec = numericCodec(numericLimits(modifier), isDeclared);
    return modifier === -1 ? quick('numeric', codec) : codec;
  },
  text: () => quick('text', codecOf(encodeText)),
  varchar: ({ modifier }) => textCodec(modifier, false),
  bpchar: ({ modifier }) => textCodec(modifier, true),
  name: () => codecOf(shortText(NAME_BYTES)),
  char: () => ({ binary: undefined, text: codecOf(shortText(1)).text }),
  uuid: () => codecOf(encodeUuid),
  date: () => codecOf(encodeDate),
  time: ({ modifier }) => (modifier === -1 ? codecOf(encodeTime) : inputCodec('D')),
  timestamp: ({ modifier, setting }) => timestampCodec({ unit: setting?.unit, digits: digitsOf(modifier) }),
  timestamptz: ({ modifier, setting }) =>
    timestamptzCodec({ unit: setting?.unit, digits: digitsOf(modifier) }),
  jsonb: () => codecOf(jsonEncoder(true), (field) => field.toString('utf8', 1)),
  json: () => codecOf(jsonEncoder(false), (field) => field.toString('utf8')),
  bytea: ({ setting }) => byteaCodec(setting?.encoding),
  enum: ({ labels }) => enumCodec(labels ?? []),
};

/** The codec of a column; `setting` is what `columns:` says of it. */
export function codecFor(type: SqlType, setting?: ColumnSetting): ColumnCodec {
  const wanted = { ...type, setting, isDeclared: setting !== undefined };
  if (type.elementType === null) return plainCodec(wanted);
  return arrayCodec({
    oid: type.elementOid ?? 0,
    codec: plainCodec({ ...wanted, type: type.elementType, elementType: null }),
    takesArrays: type.elementType.startsWith('json'),
  });
}

function plainCodec(wanted: Wanted): ColumnCodec {
  const maker = Object.hasOwn(MAKERS, wanted.type) ? MAKERS[wanted.type] : undefined;
  return maker?.(wanted) ?? inputCodec(wanted.category);
}

function quick(type: QuickType, codec: ColumnCodec): ColumnCodec {
  return { ...codec, quick: type };
}

function textCodec(modifier: number, isPadded: boolean): ColumnCodec {
  if (modifier === -1) return codecOf(encodeText);
  return codecOf(limitedText({ characters: modifier - TYPMOD_HEADER, isPadded }));
}

function digitsOf(modifier: number): number | undefined {
  return modifier === -1 ? undefined : modifier;
}

/** Precision and scale packed as in `make_numeric_typmod` of PostgreSQL's numeric.c. */
function numericLimits(modifier: number): NumericLimits | undefined {
  if (modifier === -1) return undefined;
  const packed = modifier - TYPMOD_HEADER;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}
