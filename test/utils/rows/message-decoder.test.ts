import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scalarValue } from '../../../src/utils/json/json-text.js';
import type { DecodeSettings } from '../../../src/utils/rows/decode-settings.js';
import { MessageDecoder } from '../../../src/utils/rows/message-decoder.js';
import type { RowCells } from '../../../src/utils/rows/row-cells.js';

type Row = [key: string, json: string][];

const DEFAULTS: DecodeSettings = {
  framing: 'message',
  decode: 'json',
  include: {},
  ignore: [],
  rename: {},
  columns: {},
  metadata: [],
} as DecodeSettings;

interface Decoded {
  readonly outcome: 'decoded' | 'ignored' | 'dead';
  readonly rows: Row[];
  readonly dead: string[];
}

function rowOf(cells: RowCells): Row {
  const text = (i: number) => Buffer.from(cells.bytes.subarray(cells.starts[i], cells.stops[i])).toString();
  return Array.from({ length: cells.count }, (_, i) => [cells.keys[i] as string, text(i)]);
}

function decodeWith(decoder: MessageDecoder, message: string): Decoded {
  const bytes = Buffer.from(`"}]${message}\n{"`);
  const rows: Row[] = [];
  const dead: string[] = [];
  const visitor = {
    row: (cells: RowCells) => void rows.push(rowOf(cells)),
    deadRow: (start: number, stop: number) => void dead.push(bytes.toString('utf8', start, stop)),
  };
  try {
    return { outcome: decoder.decode(bytes, 3, bytes.length - 3, visitor), rows, dead };
  } catch (error) {
    expect(error).toMatchObject({ code: 'row.malformed' });
    return { outcome: 'dead', rows, dead };
  }
}

const decode = (message: string, settings: Partial<DecodeSettings> = {}) =>
  decodeWith(new MessageDecoder({ ...DEFAULTS, ...settings }), message);

describe('without settings', () => {
  test.each<[string, Row[]]>([
    ['{}', [[]]],
    [' { } ', [[]]],
    [
      '{"a":1.10,"b":"x"}',
      [
        [
          ['a', '1.10'],
          ['b', '"x"'],
        ],
      ],
    ],
    ['[{"a":1},{"b":2}]', [[['a', '1']], [['b', '2']]]],
    ['[]', []],
    [
      '{"a":1,"b":2,"a":3}',
      [
        [
          ['a', '3'],
          ['b', '2'],
        ],
      ],
    ],
    ['{"\\u0061":1,"a":2}', [[['a', '2']]]],
    [
      '{"__proto__":{"x":1},"constructor":1}',
      [
        [
          ['__proto__', '{"x":1}'],
          ['constructor', '1'],
        ],
      ],
    ],
    ['{"":0}', [[['', '0']]]],
  ])('%s is decoded into its rows', (message, rows) => {
    expect(decode(message)).toEqual({ outcome: 'decoded', rows, dead: [] });
  });

  test.each([
    '1',
    '"a"',
    'null',
    'true',
    '[1,2]',
    '[[{"a":1}]]',
    '{"a":1}{}',
    '{"a":1',
    '[{"a":1},]',
    '',
    'x',
  ])('%j as a whole is a dead letter, and no row of it reaches anybody', (message) =>
    expect(decode(message)).toEqual({ outcome: 'dead', rows: [], dead: [] }),
  );

  test('an array of rows and other values gives the rows, and the others as dead ones', () => {
    expect(decode('[{"a":1}, 7 ,{"a":2},[]]')).toEqual({
      outcome: 'decoded',
      rows: [[['a', '1']], [['a', '2']]],
      dead: ['7', '[]'],
    });
  });
});

describe('records', () => {
  test.each<[string, string, string[]]>([
    ['/data', '{"data":[{"a":1},{"a":2}]}', ['1', '2']],
    ['/data', '{"data":{"a":1}}', ['1']],
    ['/data', '{"data":[]}', []],
    ['/data/*', '{"data":[{"a":1},{"a":2}]}', ['1', '2']],
    ['/data/*', '{"data":[]}', []],
    [
      '/events/*/trades',
      '{"events":[{"trades":[{"a":1}]},{"trades":[]},{"other":0},{"trades":[{"a":2}]}]}',
      ['1', '2'],
    ],
    ['/events/*/trades', '{"events":[{"other":1}]}', []],
    ['/1', '[{"a":1},{"a":2}]', ['2']],
    ['/a~1b/~0', '{"a/b":{"~":{"a":1}}}', ['1']],
    ['/__proto__', '{"__proto__":{"a":1}}', ['1']],
    ['/d', '{"d":{"a":1},"d":{"a":2}}', ['2']],
    ['/*', '[[{"a":1}],[{"a":2}]]', ['1', '2']],
    ['', '{"a":1}', ['1']],
    ['/*', '{"*":{"a":1}}', ['1']],
  ])('%s in %s', (records, message, values) => {
    const decoded = decode(message, { records });
    expect(decoded.outcome).toBe('decoded');
    expect(decoded.rows.map((row) => row[0]?.[1])).toEqual(values);
  });

  test.each([
    ['/data', '{"other":1}'],
    ['/data', '[]'],
    ['/data/*', '{"other":1}'],
    ['/data', '{"data":5}'],
    ['/data', '{"data":null}'],
    ['/toString', '{"a":1}'],
    ['/data', '{"data":[{"a":1}]'],
  ])('%s in %s makes the message a dead letter', (records, message) => {
    expect(decode(message, { records })).toEqual({ outcome: 'dead', rows: [], dead: [] });
  });
});

describe('include and ignore', () => {
  test('a key from around the records stands in every row, and one with the same name gets a _', () => {
    const settings = { records: '/t', include: { s: '/p/s', none: '/missing', o: '/p' } };
    expect(decode('{"p":{"s":"X"},"t":[{"a":1},{"s":"own","b":2},{}]}', settings).rows).toEqual([
      [
        ['a', '1'],
        ['s', '"X"'],
        ['o', '{"s":"X"}'],
      ],
      [
        ['s_', '"own"'],
        ['b', '2'],
        ['s', '"X"'],
        ['o', '{"s":"X"}'],
      ],
      [
        ['s', '"X"'],
        ['o', '{"s":"X"}'],
      ],
    ]);
  });

  test.each<[string, DecodeSettings['ignore'], boolean]>([
    ['{"type":"heartbeat"}', [{ '/type': 'heartbeat' }], true],
    ['{"type":"\\u0068eartbeat"}', [{ '/type': 'heartbeat' }], true],
    ['{"type":"heartbeats"}', [{ '/type': 'heartbeat' }], false],
    ['{"type":{"heartbeat":1}}', [{ '/type': 'heartbeat' }], false],
    ['{"id":null}', [{ '/id': null }], true],
    ['{"other":1}', [{ '/id': null }], false],
    ['{"n":1.0}', [{ '/n': 1 }], true],
    ['{"n":"1"}', [{ '/n': 1 }], false],
    ['{"b":false}', [{ '/b': false }], true],
    ['{"a":1,"b":2}', [{ '/a': 1, '/b': 3 }], false],
    ['{"a":1,"b":2}', [{ '/a': 0 }, { '/a': 1, '/b': 2 }], true],
    ['{"l":[1,2,3]}', [{ '/l/*': 2 }], true],
    ['"pong"', [{ '': 'pong' }], true],
  ])('%s with the rules %j', (message, ignore, isIgnored) => {
    const { outcome } = decode(message, { ignore });
    expect(outcome === 'ignored').toBe(isIgnored);
  });

  test('what is malformed is a dead letter even where a rule would fit', () => {
    expect(decode('{"type":"heartbeat"', { ignore: [{ '/type': 'heartbeat' }] }).outcome).toBe('dead');
  });
});

const anyKey = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'ü', '\\u0061', '1', '');
const anyValue = fc.oneof(fc.json({ maxDepth: 2 }), fc.constantFrom('1.10', '-0', '"\\u00e9"'));
const anyObject = fc
  .array(fc.tuple(anyKey, anyValue), { maxLength: 7 })
  .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(', ')}}`);

/** What `JSON.parse` gives, with the keys `b` and `extra` included from `a` and `b` of the same message. */
/** Sets a key; what the row itself has under it moves to the first free name with a `_` more. */
function setBeside(row: Map<string, unknown>, key: string, value: unknown): void {
  let free = `${key}_`;
  while (row.has(free)) free += '_';
  if (row.has(key)) row.set(free, row.get(key));
  row.set(key, value);
}

function expectedOf(object: string, isIncluding: boolean): Map<string, unknown> {
  const own = new Map(Object.entries(JSON.parse(object) as object));
  const expected = new Map(own);
  if (isIncluding && own.has('a')) setBeside(expected, 'b', own.get('a'));
  if (isIncluding && own.has('b')) setBeside(expected, 'extra', own.get('b'));
  return expected;
}

test('rows in any order of keys, with any repeated ones, are those of JSON.parse, one decoder for all of them', () => {
  const property = fc.property(
    fc.array(anyObject, { maxLength: 8 }),
    fc.boolean(),
    (objects, isIncluding) => {
      const include: Record<string, string> = isIncluding ? { b: '/a', extra: '/b' } : {};
      const decoder = new MessageDecoder({ ...DEFAULTS, include });
      for (const object of objects) {
        const row = decodeWith(decoder, object).rows[0] as Row;
        const found = new Map(row.map(([key, json]) => [key, JSON.parse(json) as unknown]));
        expect(row).toHaveLength(found.size);
        expect(found).toEqual(expectedOf(object, isIncluding));
      }
    },
  );
  fc.assert(property, { numRuns: 1500 });
});

test('a key at the same place in the next row is the same string object', () => {
  const decoder = new MessageDecoder(DEFAULTS);
  const bytes = Buffer.from('{"price":1}{"price":2}');
  const keys: string[] = [];
  const visitor = { row: (cells: RowCells) => void keys.push(cells.keys[0] as string), deadRow: () => {} };
  decoder.decode(bytes, 0, 11, visitor);
  decoder.decode(bytes, 11, 22, visitor);
  expect(keys).toEqual(['price', 'price']);
});

test('a cell of an included key is marked as escaped when its bytes have an escape', () => {
  const bytes = Buffer.from('{"e":"\\u00e9","t":[{"a":1}]}');
  const values: unknown[] = [];
  const decoder = new MessageDecoder({ ...DEFAULTS, records: '/t', include: { e: '/e' } });
  decoder.decode(bytes, 0, bytes.length, {
    row: (cells) => void values.push(scalarValue(bytes, cells.span(1))),
    deadRow: () => {},
  });
  expect(values).toEqual(['é']);
});
