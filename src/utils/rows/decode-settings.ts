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
  )
  .meta({ title: 'type, or map' });

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
    .describe(
      'What a message is: a JSON document, or text, which becomes a row with one key, `message`; `records`, `include` and `ignore` are not for text.',
    ),
  records: pointerSetting()
    .optional()
    .describe(
      'Where in a message its rows are; `*` stands for every element of an array; the message itself unless given. An empty array there is no rows; a message in which it leads nowhere is a dead letter, unless a rule ignores it.',
    ),
  include: z
    .record(z.string(), pointerSetting())
    .default({})
    .describe(
      'Keys taken from the message into each of its rows, as `{symbol: /product_id}`; a message without it gives NULL, and a row’s own key of that name gets a `_` behind it.',
    ),
  ignore: z
    .array(z.union([z.string(), z.record(pointerSetting(), scalarSetting)]))
    .default([])
    .meta({ title: 'list of texts, or of maps, JSON pointer: value' })
    .describe(
      'Messages to pass over and count: those for which every pointer of a rule reaches its value, as `{/type: heartbeat}`; or those that are this text and no JSON, as `pong`.',
    ),
  rename: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('New names for keys, as `{p: price}`.'),
  columns: z
    .record(z.string(), columnSetting)
    .default({})
    .describe(
      'Types of new columns, by their name after renaming, as `{price: numeric, time: {type: timestamptz, unit: ms}}`; inferred unless given.',
    ),
  metadata: z
    .array(z.enum(['received_at', 'connection']))
    .default([])
    .describe(
      'Columns to add: `received_at`, when a message was received (timestamptz), and `connection`, on which it came (int8, from 1 in each run); a key of such a name gets a `_` behind it.',
    ),
  table: tableSetting.optional(),
} as const;

const decodeObject = z.object(decodeShape);

export type DecodeSettings = z.output<typeof decodeObject>;
export type ColumnSetting = DecodeSettings['columns'][string];
