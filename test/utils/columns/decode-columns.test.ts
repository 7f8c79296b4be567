import { expect, test } from 'vitest';
import { decodeColumns } from '../../../src/utils/columns/decode-columns.js';
import { contentOf, decodeLines, settingsOf, shown } from './decoding.js';

/** The one column `v` of rows that hold the given JSON values. */
function column(values: readonly string[], more = {}, known = {}) {
  const lines = values.map((value) => `{"v":${value}}`);
  return shown(decodeLines(lines, more, Object.entries(known)))[0]?.slice(1);
}

test.each([
  [['true', 'false', 'null'], 'bool', [true, false, null]],
  [['0', '-7', '42'], 'int64', [0n, -7n, 42n]],
  [
    ['9223372036854775807', '-9223372036854775808', '-1', '4294967296', '-4294967297'],
    'int64',
    [9223372036854775807n, -9223372036854775808n, -1n, 4294967296n, -4294967297n],
  ],
  [['1234567890123456789', '9007199254740993'], 'int64', [1234567890123456789n, 9007199254740993n]],
  [['-0', '1'], 'int64', [0n, 1n]],
  [['1', '0.5', '1e3', '-0.0'], 'double', [1, 0.5, 1000, -0]],
  [['1.10', '2'], 'double', [1.1, 2]],
  [['100000000000000000000', '1'], 'double', [1e20, 1]],
  [['9007199254740993', '0.5'], 'text', ['9007199254740993', '0.5']],
  [['9223372036854775808', '12345678901234567891'], 'text', ['9223372036854775808', '12345678901234567891']],
  [['1e400', '1.10'], 'text', ['1e400', '1.10']],
  [
    ['0.1000000000000000055511151231257827', '1.10'],
    'text',
    ['0.1000000000000000055511151231257827', '1.10'],
  ],
  [['"1"', '"2.50"'], 'text', ['1', '2.50']],
  [['1', '"1"', 'true'], 'text', ['1', '1', 'true']],
  [['"2024-02-29T12:00:00.000001Z"', '"1970-01-01T01:00:00+01:00"'], 'timestamp', [1709208000000001n, 0n]],
  [['"0000-01-01T00:00:00Z"'], 'timestamp', [-62167219200000000n]],
  [
    ['"2024-02-29T12:00:00Z"', '"2024-02-29T12:00:00"'],
    'text',
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00'],
  ],
  [['"2024-02-29T12:00:00.0000001Z"'], 'text', ['2024-02-29T12:00:00.0000001Z']],
  [
    ['{"b":1.10,"a":[1e400]}', '[ ]', '1.10', '"x"', 'null'],
    'json',
    ['{"b":1.10,"a":[1e400]}', '[ ]', '1.10', '"x"', null],
  ],
  [
    ['"Grüße 🚀"', '"\\ud83d\\ude80\\n\\"\\\\"', '""', '"a\\u0000b"'],
    'text',
    ['Grüße 🚀', '🚀\n"\\', '', 'a\0b'],
  ],
])('values %j become %s', (values, type, expected) => {
  expect(column(values)).toEqual([type, expected]);
});

test.each([
  ['bool', 'bool', ['true', 'null']],
  ['bool', 'text', ['1']],
  ['int64', 'int64', ['1']],
  ['int64', 'double', ['1', '0.5']],
  ['int64', 'text', ['1', '1e400']],
  ['int64', 'text', ['{}']],
  ['double', 'double', ['1']],
  ['double', 'text', ['9007199254740993']],
  ['timestamp', 'text', ['"soon"']],
  ['timestamp', 'text', ['1']],
  ['text', 'text', ['1']],
  ['text', 'text', ['{"a":1}']],
  ['json', 'json', ['"x"', '1']],
])('a column known as %s becomes %s for %j', (known, type, values) => {
  expect(column(values, {}, { v: known })?.[0]).toBe(type);
});

test('the types of a table are what the next one is made with, so a column stays even where it has no value', () => {
  const first = decodeLines(['{"a":1,"b":null,"c":"x"}']);
  expect(first.types).toEqual([
    ['a', 'int64'],
    ['c', 'text'],
  ]);
  const second = decodeLines(['{"d":true,"a":0.5}'], {}, JSON.parse(JSON.stringify(first.types)));
  expect(shown(second)).toEqual([
    ['a', 'double', [0.5]],
    ['c', 'text', [null]],
    ['d', 'bool', [true]],
  ]);
});

test.each([
  [
    'int2',
    ['32767', '-32768', '"00501"', '32768', '1.0', 'null'],
    'int64',
    [32767n, -32768n, 501n, null, null, null],
  ],
  ['int4', ['2147483647', '2147483648'], 'int64', [2147483647n, null]],
  [
    'int8',
    ['"9223372036854775807"', '9223372036854775808', 'true'],
    'int64',
    [9223372036854775807n, null, null],
  ],
  ['float8', ['"1.10"', '9007199254740993', '1e400', '"x"', '[1]'], 'double', [1.1, null, null, null, null]],
  ['numeric', ['1.10', '"007"', '1e400', '"x"', 'true'], 'text', ['1.10', '007', '1e400', null, null]],
  ['bool', ['true', '1', '"true"'], 'bool', [true, null, null]],
  ['text', ['"x"', '1.10', '{"a": 1}'], 'text', ['x', '1.10', '{"a": 1}']],
  ['jsonb', ['"x"', '1.10', '{"a": 1}'], 'json', ['"x"', '1.10', '{"a": 1}']],
  ['timestamptz', ['"2024-02-29T12:00:00Z"', '1', '"later"'], 'timestamp', [1709208000000000n, null, null]],
])('a column declared %s keeps what does not fit in _rest', (type, values, stored, expected) => {
  const table = decodeLines(
    values.map((value) => `{"v":${value}}`),
    { columns: { v: { type, unit: undefined } } } as never,
  );
  const isMisfit = (value: string, row: number) => value !== 'null' && expected[row] === null;
  const rest = values.map((value, row) => (isMisfit(value, row) ? `{"v":${value}}` : null));
  const own = ['v', stored, expected];
  expect(shown(table)).toEqual(values.some(isMisfit) ? [own, ['_rest', 'json', rest]] : [own]);
});

test.each([
  ['s', ['1709208000', '"1709208000.5"', '0.0000001'], [1709208000000000n, 1709208000500000n, null]],
  [
    'ms',
    ['1709208000123', '1709208000123.5', '1e3', '-1'],
    [1709208000123000n, 1709208000123500n, 1000000n, -1000n],
  ],
  [
    'us',
    ['1709208000123456', '9223372036854775807', '-9223372036854775808'],
    [1709208000123456n, null, null],
  ],
  ['ns', ['1709208000123456789', '-1'], [1709208000123456n, -1n]],
])('a timestamptz with unit %s takes numbers since 1970', (unit, values, expected) => {
  expect(column(values, { columns: { v: { type: 'timestamptz', unit } } })).toEqual(['timestamp', expected]);
});

test('what columns: says wins over the known type', () => {
  expect(column(['1'], { columns: { v: { type: 'text' } } }, { v: 'int64' })?.[0]).toBe('text');
});

test('keys may come in any order and be missing; an empty row counts', () => {
  expect(shown(decodeLines(['{"a":1,"b":2}', '{"b":3,"a":4}', '{}', '{"c":5}', '{"b":6}']))).toEqual([
    ['a', 'int64', [1n, 4n, null, null, null]],
    ['b', 'int64', [2n, 3n, null, null, 6n]],
    ['c', 'int64', [null, null, null, 5n, null]],
  ]);
});

test('rows without any value have the one column _rest', () => {
  expect(shown(decodeLines(['{}', '{"a":null}']))).toEqual([['_rest', 'json', [null, null]]]);
});

test('of a repeated key the last value counts', () => {
  expect(shown(decodeLines(['{"a":1,"a":"x"}', '{"a":1,"a":2}']))).toEqual([['a', 'text', ['x', '2']]]);
});

test('names of the prototype, our own, empty ones and ones with U+0000 are columns too', () => {
  const line = '{"__proto__":1,"constructor":2,"_rest":3,"_rest_":4,"":5,"a\\u0000":6,"received_at":7}';
  const table = decodeLines([line], { metadata: ['received_at'] });
  const names = ['__proto__', 'constructor', '_rest_', '_rest__', '_', 'a_', 'received_at_', 'received_at'];
  expect(table.columns.map(({ name }) => name)).toEqual(names);
  const again = decodeLines([line], { metadata: ['received_at'] }, JSON.parse(JSON.stringify(table.types)));
  expect(again).toEqual(table);
});

test('rename moves a key to its column; a second value for the same column goes into _rest under its own key', () => {
  const rename = { p: 'price', Q: 'price' };
  const lines = ['{"p":1}', '{"price":2}', '{"p":3,"price":4}', '{"Q":null,"price":5}', '{"Q":6,"p":7}'];
  expect(shown(decodeLines(lines, { rename }))).toEqual([
    ['price', 'int64', [1n, 2n, 3n, 5n, 6n]],
    ['_rest', 'json', [null, null, '{"price":4}', null, '{"p":7}']],
  ]);
});

test('a misfit stands in _rest under the key of its own row', () => {
  const more = { rename: { p: 'price' }, columns: { price: { type: 'int4' } } } as never;
  expect(shown(decodeLines(['{"p":1}', '{"price":"x"}', '{"p":"y"}'], more))[1]).toEqual([
    '_rest',
    'json',
    [null, '{"price":"x"}', '{"p":"y"}'],
  ]);
});

test('include takes keys of the envelope into each of its rows', () => {
  const table = decodeLines(['{"s":"BTC","t":[{"p":1},{"p":2,"s":"own"}]}', '{"t":[{"p":3}]}'], {
    records: '/t',
    include: { s: '/s' },
  } as never);
  expect(shown(table)).toEqual([
    ['p', 'int64', [1n, 2n, 3n]],
    ['s', 'text', ['BTC', 'BTC', null]],
    ['s_', 'text', [null, 'own', null]],
  ]);
});

test('metadata is taken from the receipt that covers the message', () => {
  const lines = ['{"a":1}', '{"a":2}', '{"a":3}'];
  const receipts = [
    { offset: 8, receivedAtUs: 1_700_000_000_000_001, connection: 1 },
    { offset: 16, receivedAtUs: 1_700_000_000_000_002, connection: 2 },
  ];
  const contents = [contentOf(lines, receipts), contentOf(lines.slice(0, 1))];
  const table = decodeColumns(contents, settingsOf({ metadata: ['received_at', 'connection'] }), []);
  expect(shown(table).slice(1)).toEqual([
    ['received_at', 'timestamp', [null, 1_700_000_000_000_001n, 1_700_000_000_000_002n, null]],
    ['connection', 'int64', [null, 1n, 2n, null]],
  ]);
  expect(table.types).toEqual([['a', 'int64']]);
});

test('values are found in each of several contents, empty ones among them', () => {
  const contents = [[], ['{"a":"x","b":1}'], [], ['{"b":2}', '{"a":"zz","b":3}']].map((lines) =>
    contentOf(lines),
  );
  expect(shown(decodeColumns(contents, settingsOf(), []))).toEqual([
    ['a', 'text', ['x', null, 'zz']],
    ['b', 'int64', [1n, 2n, 3n]],
  ]);
});

test('messages and rows are counted as decoded, ignored or dead', () => {
  const lines = ['{"a":1}', '{"t":"hb"}', '{"a":', '[{"a":2},3]', '{"a":"\\ud800"}', '[]'];
  const table = decodeLines(lines, { ignore: [{ '/t': 'hb' }] });
  expect(table).toMatchObject({
    rows: 2,
    decodedMessages: 3,
    ignoredMessages: 1,
    deadMessages: 2,
    deadRows: 1,
  });
});

test('no message makes no row and forgets no type', () => {
  const types = [['a', 'text']] as const;
  expect(decodeLines([], {}, types)).toMatchObject({ rows: 0, types });
});

test('from the 201st column on keys go into _rest', () => {
  const line = `{${Array.from({ length: 202 }, (_, i) => `"k${i}":${i}`).join(',')}}`;
  const { columns } = decodeLines([line, '{"k201":"x","k0":1}']);
  expect(columns).toHaveLength(201);
  expect(columns.at(-1)).toMatchObject({
    name: '_rest',
    values: ['{"k200":200,"k201":201}', '{"k201":"x"}'],
  });
});

test('many different texts of one length are told apart', () => {
  const texts = Array.from({ length: 20_000 }, (_, i) => `id-${String(i % 7000).padStart(6, '0')}`);
  expect(column(texts.map((text) => `"${text}"`))).toEqual(['text', texts]);
});
