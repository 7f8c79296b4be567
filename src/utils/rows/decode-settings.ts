import { z } from 'zod';
import { pointerSetting } from '../settings.js';
import { tableSetting } from './table-setting.js';

export type Scalar = string | number | boolean | null;

/** The types that a column can be given in `columns:`. */
const COLUMN_TYPES = [
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'numeric',
  'text',
  'uuid',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'jsonb',
  'bytea',
] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

const BYTES_ENCODINGS = ['hex', 'base64'] as const;

export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;

const columnSetting = z
  .union([
    z.enum(COLUMN_TYPES),
    z.strictObject({
      type: z.enum(COLUMN_TYPES),
      unit: z
        .enum(TIME_UNITS)
        .optional()
        .describe('Unit of a timestamp that arrives as a number since 1970.'),
      encoding: z
        .enum(BYTES_ENCODINGS)
        .optional()
        .describe('How bytes stand in text; `\\x` and hexadecimal digits unless given.'),
    }),
  ])
  .transform((column) =>
    typeof column === 'string' ? { type: column, unit: undefined, encoding: undefined } : column,
  );

const scalarSetting = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** The keys of a consumer that say how its messages become rows; the readers of its stage use them. */
export const decodeShape = {
  framing: z
    .enum(['message', 'lines'])
    .default('message')
    .describe('Whether what the source sends at once is one message, or each of its lines is one.'),
  decode: z
    .enum(['json', 'text'])
    .default('json')
    .describe('What a message is: a JSON document, or text, which becomes a row with one key, message.'),
  records: pointerSetting()
    .optional()
    .describe('Where in a message its rows are; `*` stands for every element of an array.'),
  include: z
    .record(z.string(), pointerSetting())
    .default({})
    .describe('Keys taken from the message into each of its rows.'),
  ignore: z
    .array(z.record(pointerSetting(), scalarSetting))
    .default([])
    .describe('Messages to pass over: those for which every pointer of a rule reaches its value.'),
  rename: z.record(z.string(), z.string().min(1)).default({}).describe('New names for keys.'),
  columns: z
    .record(z.string(), columnSetting)
    .default({})
    .describe('Types of columns, by their name after renaming.'),
  metadata: z
    .array(z.enum(['received_at', 'connection']))
    .default([])
    .describe('Columns to add: when a message was received, and on which connection.'),
  table: tableSetting.optional(),
} as const;

const decodeObject = z.object(decodeShape);

export type DecodeSettings = z.output<typeof decodeObject>;
export type ColumnSetting = DecodeSettings['columns'][string];
