import { expect, test } from 'vitest';
import type { ColumnSetting } from '../../../../src/utils/rows/decode-settings.js';
import { type Outcome, REFUSED, TypedTable } from './typed-table.js';

type Cases = readonly (readonly [json: string, expected: Outcome])[];

/** Types of existing tables, with what comes back of nasty values; both lanes are tried where there are two. */
const TYPES: readonly {
  readonly type: string;
  readonly before?: string;
  readonly setting?: ColumnSetting;
  readonly cases: Cases;
}[] = [
  {
    type: 'float4',
    cases: [
      ['0.1', '0.1'],
      ['-2.5e-3', '-0.0025'],
      ['16777216', '1.6777216e+07'],
      ['16777217', REFUSED],
      ['0.123456789', REFUSED],
      ['3.4028235e38', '3.4028235e+38'],
      ['3.5e38', REFUSED],
      ['1e-60', REFUSED],
      ['"0.1"', '0.1'],
      ['"0.10"', REFUSED],
      ['"x"', REFUSED],
    ],
  },
  {
    type: 'varchar(3)',
    cases: [
      ['"abc"', 'abc'],
      ['"äöü"', 'äöü'],
      ['"🦀🦀🦀"', '🦀🦀🦀'],
      ['"abcd"', REFUSED],
      ['"abc "', REFUSED],
      ['"a\\tb"', 'a\tb'],
      ['"\\\\N"', '\\N'],
      ['"\\\\."', '\\.'],
      ['123', '123'],
      ['1234', REFUSED],
      ['""', ''],
    ],
  },
  {
    // A cast of char(n) to text takes the padding away.
    type: 'char(3)',
    cases: [
      ['"abc"', 'abc'],
      ['"a"', 'a'],
      ['"ab "', 'ab'],
      ['"a "', REFUSED],
      ['"abcd"', REFUSED],
      ['"🦀🦀🦀"', '🦀🦀🦀'],
    ],
  },
  {
    type: 'uuid',
    cases: [
      ['"00112233-4455-6677-8899-AABBCCDDEEFF"', '00112233-4455-6677-8899-aabbccddeeff'],
      ['"00112233445566778899aabbccddeeff"', '00112233-4455-6677-8899-aabbccddeeff'],
      ['"00112233-4455-6677-8899-aabbccddeef"', REFUSED],
      ['"g0112233-4455-6677-8899-aabbccddeeff"', REFUSED],
      ['1', REFUSED],
    ],
  },
  {
    type: 'date',
    cases: [
      ['"2024-02-29"', '2024-02-29'],
      ['"0001-01-01"', '0001-01-01'],
      ['"9999-12-31"', '9999-12-31'],
      ['"1969-12-31"', '1969-12-31'],
      ['"2023-02-29"', REFUSED],
      ['"0000-01-01"', REFUSED],
      ['"2024-02-29T00:00:00Z"', REFUSED],
      ['"01/02/2024"', REFUSED],
      ['"today"', REFUSED],
      ['20240229', REFUSED],
    ],
  },
  {
    type: 'time',
    cases: [
      ['"23:59:59.999999"', '23:59:59.999999'],
      ['"00:00"', '00:00:00'],
      ['"24:00:00"', REFUSED],
      ['"12:00:00.1234567"', REFUSED],
      ['"2024-01-01 12:00:00"', REFUSED],
      ['"now"', REFUSED],
    ],
  },
  {
    type: 'timestamp',
    cases: [
      ['"2024-02-29T12:34:56.123456"', '2024-02-29 12:34:56.123456'],
      ['"2024-02-29 12:34:56"', '2024-02-29 12:34:56'],
      ['"2024-02-29T12:34:56Z"', '2024-02-29 12:34:56'],
      ['"2024-02-29T12:34:56+00:00"', '2024-02-29 12:34:56'],
      ['"2024-02-29T12:34:56+02:00"', REFUSED],
      ['"2024-02-29"', REFUSED],
      ['"now"', REFUSED],
      ['1709210096', REFUSED],
    ],
  },
  {
    type: 'timestamp',
    setting: { type: 'timestamp', unit: 'ms', encoding: undefined },
    cases: [
      ['1709210096123', '2024-02-29 12:34:56.123'],
      ['-1', '1969-12-31 23:59:59.999'],
      ['"2024-02-29T12:34:56"', '2024-02-29 12:34:56'],
    ],
  },
  {
    type: 'timestamptz(3)',
    cases: [
      ['"2024-02-29T12:34:56.123Z"', '2024-02-29 12:34:56.123+00'],
      ['"2024-02-29T12:34:56.1234Z"', REFUSED],
    ],
  },
  {
    type: 'interval',
    cases: [
      ['"1 day 02:00:00"', '1 day 02:00:00'],
      ['"P1Y2M3DT4H5M6.5S"', '1 year 2 mons 3 days 04:05:06.5'],
      ['5', REFUSED],
      ['{}', REFUSED],
    ],
  },
  {
    type: 'bytea',
    cases: [
      ['"\\\\xDEADbeef"', '\\xdeadbeef'],
      ['"\\\\x"', '\\x'],
      ['"\\\\xabc"', REFUSED],
      ['"hello"', REFUSED],
      ['"3q2+7w=="', REFUSED],
    ],
  },
  {
    type: 'bytea',
    setting: { type: 'bytea', unit: undefined, encoding: 'base64' },
    cases: [
      ['"3q2+7w=="', '\\xdeadbeef'],
      ['""', '\\x'],
      ['"3q2+7w="', REFUSED],
    ],
  },
  {
    type: 'mood',
    before: `CREATE TYPE mood AS ENUM ('sad', 'o''k', 'sehr gut')`,
    cases: [
      ['"sad"', 'sad'],
      [`"o'k"`, "o'k"],
      ['"sehr gut"', 'sehr gut'],
      ['"Sad"', REFUSED],
      ['""', REFUSED],
      ['1', REFUSED],
    ],
  },
  {
    type: 'price',
    before: 'CREATE DOMAIN amount AS numeric(18,8); CREATE DOMAIN price AS amount CHECK (VALUE >= 0)',
    cases: [
      ['1234567890.12345678', '1234567890.12345678'],
      ['0.000000001', REFUSED],
      ['12345678901', REFUSED],
    ],
  },
  {
    type: 'int8[]',
    cases: [
      ['[1,null,9223372036854775807]', '{1,NULL,9223372036854775807}'],
      ['[]', '{}'],
      ['[[1,2],[3,4]]', '{{1,2},{3,4}}'],
      ['[[1,2],[3]]', REFUSED],
      ['[[]]', REFUSED],
      ['[1,[2]]', REFUSED],
      ['[1.5]', REFUSED],
      ['1', REFUSED],
      ['"{1,2}"', REFUSED],
      ['{"0":1}', REFUSED],
    ],
  },
  {
    type: 'text[]',
    cases: [
      [
        JSON.stringify(['a,b', '"', '\\', '', 'NULL', '{}', '\t\n', 'ä🦀']),
        '{"a,b","\\"","\\\\","","NULL","{}","\t\n",ä🦀}',
      ],
      ['[null]', '{NULL}'],
    ],
  },
  {
    type: 'jsonb[]',
    cases: [['[{"a":[1]},[2,"x\\ny"],null]', '{"{\\"a\\": [1]}","[2, \\"x\\\\ny\\"]",NULL}']],
  },
  {
    type: 'mood[]',
    before: `CREATE TYPE mood AS ENUM ('sad', 'so, so')`,
    cases: [
      ['["sad","so, so"]', '{sad,"so, so"}'],
      ['["happy"]', REFUSED],
    ],
  },
  {
    type: 'varchar(2)[]',
    cases: [
      ['["ab","c"]', '{ab,c}'],
      ['["abc"]', REFUSED],
    ],
  },
  {
    type: 'name',
    cases: [
      [`"${'n'.repeat(63)}"`, 'n'.repeat(63)],
      [`"${'n'.repeat(64)}"`, REFUSED],
    ],
  },
  {
    type: '"char"',
    cases: [
      ['"x"', 'x'],
      ['"xy"', REFUSED],
    ],
  },
  {
    type: 'inet',
    cases: [
      ['"10.0.0.1/8"', '10.0.0.1/8'],
      ['1', REFUSED],
    ],
  },
  {
    type: 'money',
    cases: [
      ['12.5', '$12.50'],
      ['{}', REFUSED],
    ],
  },
  { type: 'int4range', cases: [['"[1,5)"', '[1,5)']] },
];

test.each(TYPES)('$type holds what is written in its way, and guesses nothing else', async (column) => {
  const table = await TypedTable.create(column.type, column.setting, column.before);
  const outcomes = await table.roundTrip(column.cases.map(([json]) => json));
  expect(outcomes).toEqual(column.cases.map(([, expected]) => expected));
});
