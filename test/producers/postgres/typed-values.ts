import type { TypedColumn } from './typed-column.js';
import { TIMES } from './typed-times.js';

/** What a column of the types needs. */
export const TYPES = `
  CREATE TYPE test.mood AS ENUM ('new', 'it''s \\', 'ü');
  CREATE DOMAIN test.positive AS int4 CHECK (value > 0)`;

const ZERO = '"a\\u0000b"';

const NUMBERS: readonly TypedColumn[] = [
  {
    name: 'num',
    type: 'numeric(18,8)',
    lands: [
      '1.10',
      '9999999999.99999999',
      '-0.00000001',
      '"1.10"',
      '"9999999999.12345678"',
      '1e2',
      '-0',
      '0.0',
    ],
    rest: [
      '0.123456789',
      '10000000000',
      '12345678901234567890',
      '1e400',
      '"1e2"',
      '"01"',
      '"NaN"',
      '" 1"',
      'true',
      '{}',
    ],
  },
  {
    name: 'plain',
    type: 'numeric',
    lands: [
      '1.10',
      '9223372036854775808',
      '12345678901234567890.123456789012345678',
      '1e400',
      '-0',
      '"1.10"',
      '1e-400',
    ],
    rest: ['"1,5"', '"0x10"', '"+1"', '"1."', '".5"', '"Infinity"', '"1_000"', '[]', 'false'],
    dead: ['1e131072', '1e-16384'],
  },
  {
    name: 'i2',
    type: 'int2',
    lands: ['32767', '-32768', '-0', '"5"'],
    rest: ['32768', '-32769', '1.5', '1.0', '1e2', '"05"', '"-0"', 'true'],
  },
  {
    name: 'i4',
    type: 'int4',
    lands: ['2147483647', '-2147483648', '"7"', '"0"', '"-7"'],
    rest: ['2147483648', '"2147483648"', '1e1', '"-0"'],
  },
  {
    name: 'i8',
    type: 'int8',
    lands: [
      '9223372036854775807',
      '-9223372036854775808',
      '9007199254740993',
      '"9223372036854775807"',
      '"-9223372036854775808"',
      '1000000000000000001',
    ],
    rest: [
      '9223372036854775808',
      '-9223372036854775809',
      '12345678901234567890',
      '1e400',
      '1e3',
      '9007199254740993.0',
      '"1e3"',
      '" 5"',
      '""',
    ],
  },
  {
    name: 'f4',
    type: 'float4',
    lands: ['0.1', '-0', '16777216', '3.4028235e38', '"0.1"'],
    rest: ['16777217', '0.123456789', '3.5e38', '1e400', '"0.10"', '"nan"'],
  },
  {
    name: 'f8',
    type: 'float8',
    lands: ['0.1', '-0.0', '-0', '1e308', '5e-324', '9007199254740992', '0.30000000000000004', '"0.1"'],
    rest: [
      '9007199254740993',
      '1e400',
      '1e-400',
      '0.123456789012345678',
      '"1e5"',
      '"1.10"',
      '"Infinity"',
      '"NaN"',
      'true',
    ],
  },
];

const TEXTS: readonly TypedColumn[] = [
  { name: 'b', type: 'bool', lands: ['true', 'false'], rest: ['"true"', '"t"', '1', '0', '[true]'] },
  {
    name: 's',
    type: 'text',
    lands: [
      '"x"',
      '""',
      '1.10',
      '12345678901234567890',
      '1e400',
      '-0',
      'true',
      '{"a" : 1.10,"a":2}',
      '[1, 2]',
      '"\\\\N"',
      '"\\\\."',
    ],
    dead: [ZERO],
  },
  {
    name: 'vc',
    type: 'varchar(5)',
    lands: ['"abcde"', '"äöüßé"', '"🦀🦀🦀🦀🦀"', '12345', '"a\\tb\\\\N"', '"    x"'],
    rest: ['"abcdef"', '"abcde "', '123456', '"🦀🦀🦀🦀🦀🦀"'],
    dead: [ZERO],
  },
  {
    name: 'ch',
    type: 'char(3)',
    lands: ['"abc"', '"ab"', '"ab "', '""'],
    rest: ['"abcd"', '"a "'],
    dead: ['"\\u0000"'],
  },
  {
    name: 'u',
    type: 'uuid',
    lands: [
      '"00112233-4455-6677-8899-aabbccddeeff"',
      '"00112233-4455-6677-8899-AABBCCDDEEFF"',
      '"00112233445566778899aabbccddeeff"',
    ],
    rest: ['"123e4567"', '"00112233-4455-6677-8899-aabbccddeef"', '1', '""'],
  },
  {
    name: 'en',
    type: 'test.mood',
    lands: ['"new"', '"it\'s \\\\"', '"ü"'],
    rest: ['"New"', '"other"', '1', '""', '"new "'],
  },
  {
    name: 'by',
    type: 'bytea',
    lands: ['"\\\\xDEADbeef"', '"\\\\x"', '"\\\\x00"'],
    rest: ['"hello"', '"3q2+7w=="', '"\\\\xabc"', '"\\\\001"', '5'],
  },
];

const STRUCTURES: readonly TypedColumn[] = [
  {
    name: 'jb',
    type: 'jsonb',
    lands: [
      '{"a" : 1.10,"b":[12345678901234567890]}',
      '"x"',
      '1.10',
      'true',
      '[]',
      '{"__proto__":1,"constructor":{"prototype":2}}',
      '{"a":1,"a":2}',
      '1e400',
    ].map((json) => [json, json]),
    dead: ['{"n":1e131072}', ZERO, '{"\\u0000":1}'],
  },
  {
    name: 'js',
    type: 'json',
    lands: ['{"a" : 1.10,"a":2}', '1e131072', '"x"'].map((json) => [json, json]),
    dead: [`{"k":${ZERO}}`],
  },
  {
    name: 'ia',
    type: 'int8[]',
    lands: [
      ['[]', '{}'],
      ['[1,null,9223372036854775807]', '{1,NULL,9223372036854775807}'],
      ['[[1,2],[3,4]]', '{{1,2},{3,4}}'],
    ],
    rest: ['[1.5]', '["x"]', '[[1],[2,3]]', '5', '"{1,2}"', '[9223372036854775808]', '[[1],2]', '{}'],
  },
  {
    name: 'ta',
    type: 'text[]',
    lands: [
      ['["a","b\\"c","\\\\N",null,"NULL","","{}",",","ü"]', '{a,"b\\"c","\\\\N",NULL,"NULL","","{}",",",ü}'],
      ['[1.10]', '{1.10}'],
    ],
    rest: ['"a"', '{"0":"a"}'],
    dead: ['["\\u0000"]'],
  },
];

const RULES: readonly TypedColumn[] = [
  {
    name: 'dom',
    type: 'test.positive',
    lands: ['5', '"7"'],
    rest: ['1.5', '"x"', '2147483648'],
    dead: ['0', '-1'],
  },
  { name: 'gen', type: 'int8', constraint: 'GENERATED ALWAYS AS (id * 2) STORED', rest: ['7', '"x"'] },
  { name: 'ida', type: 'int8', constraint: 'GENERATED ALWAYS AS IDENTITY', rest: ['7'] },
];

export const COLUMNS: readonly TypedColumn[] = [...NUMBERS, ...TEXTS, ...TIMES, ...STRUCTURES, ...RULES];
