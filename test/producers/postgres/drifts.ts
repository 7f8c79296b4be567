/** In the place of a row: it becomes a dead letter. */
export const DEAD = undefined;

/** What becomes of a line, each row as PostgreSQL prints it as JSON, without what is null. */
interface DriftedLine {
  readonly json: string;
  /** Under `schema_contract: evolve`. */
  readonly evolve: string | typeof DEAD;
  /** Under `discard_value`. */
  readonly discardValue: string | typeof DEAD;
  /** Whether every contract takes the line as it is. */
  readonly fits: boolean;
}

export interface Drift {
  readonly title: string;
  readonly before: readonly string[];
  /** What somebody does to the table, called `$table`, before the drift. */
  readonly between?: string;
  readonly after: readonly DriftedLine[];
  /** Types of columns under `evolve` after the drift; those not named are as before. */
  readonly types?: Readonly<Record<string, string>>;
}

const fits = (json: string, row = json): DriftedLine => ({
  json,
  evolve: row,
  discardValue: row,
  fits: true,
});
const drifts = (
  json: string,
  evolve: string | typeof DEAD,
  discardValue: string | typeof DEAD = '{}',
): DriftedLine => ({
  json,
  evolve,
  discardValue,
  fits: false,
});
/** What does not fit its column, whatever the contract lets be changed. */
const unfit = (value: string): DriftedLine =>
  drifts(`{"v":${value},"k":1}`, `{"k":1,"_rest":{"v":${value}}}`, '{"k":1}');
const dead = (json: string): DriftedLine => ({ json, evolve: DEAD, discardValue: DEAD, fits: false });
/** A key that the table has no column for, and the name of the column that it gets. */
const newKey = (key: string, column = key): DriftedLine =>
  drifts(`{"a":2,"${key}":3}`, `{"a":2,"${column}":3}`, '{"a":2}');

const A = ['{"a":1}'];
const V = (value: string) => [`{"v":${value},"k":0}`];
const NUMERIC = { v: 'numeric' };
const instant = (time: string) => `{"v":"2024-02-29T${time}+00:00","k":1}`;

const KEYS_AND_NULLS: readonly Drift[] = [
  {
    title: 'a new key',
    before: A,
    after: [drifts('{"a":2,"b":"x"}', '{"a":2,"b":"x"}', '{"a":2}'), fits('{"a":3}')],
    types: { b: 'text' },
  },
  { title: 'a missing key', before: ['{"a":1,"b":2}'], after: [fits('{"a":2}'), fits('{"b":3}')] },
  {
    title: 'null, then a value',
    before: ['{"a":1,"n":null}'],
    after: [drifts('{"a":2,"n":true}', '{"a":2,"n":true}', '{"a":2}'), fits('{"n":null}', '{}')],
    types: { n: 'boolean' },
  },
  {
    title: 'a value, then null in a new key and in an old one',
    before: A,
    after: [fits('{"a":null,"z":null}', '{}')],
  },
  {
    title: 'keys in another order',
    before: ['{"a":1,"b":2}'],
    after: [fits('{"b":3,"a":4}', '{"a":4,"b":3}')],
  },
  {
    title: 'a new key, a missing one and another type at once',
    before: ['{"a":1,"b":1,"c":1}'],
    after: [drifts('{"d":2,"b":"x","c":3}', '{"c":3,"d":2,"_rest":{"b":"x"}}', '{"c":3}')],
    types: { d: 'bigint' },
  },
  {
    title: 'new keys that are seen with several kinds of values',
    before: A,
    after: [
      drifts('{"m":1,"n":1,"s":"x"}', '{"m":1,"n":1,"s":"x"}'),
      drifts('{"m":"x","n":0.5,"s":"y"}', '{"m":"x","n":0.5,"s":"y"}'),
    ],
    types: { m: 'jsonb', n: 'double precision', s: 'text' },
  },
];

const NUMBERS: readonly Drift[] = [
  {
    title: 'an integer, then a fraction',
    before: V('9223372036854775807'),
    after: [drifts('{"v":1.25,"k":1}', '{"v":1.25,"k":1}', '{"k":1}'), fits('{"v":2}')],
    types: NUMERIC,
  },
  {
    title: 'an integer, then the same as a fraction and with an exponent',
    before: V('1'),
    after: [
      drifts('{"v":2.0,"k":1}', '{"v":2.0,"k":1}', '{"k":1}'),
      drifts('{"v":3e2,"k":2}', '{"v":300,"k":2}', '{"k":2}'),
    ],
    types: NUMERIC,
  },
  {
    title: 'an integer, then one of 20 digits',
    before: V('1'),
    after: [
      drifts('{"v":12345678901234567890,"k":1}', '{"v":12345678901234567890,"k":1}', '{"k":1}'),
      drifts('{"v":9223372036854775808}', '{"v":9223372036854775808}'),
    ],
    types: NUMERIC,
  },
  {
    title: 'a fraction, then an integer',
    before: V('0.5'),
    after: [fits('{"v":2}'), fits('{"v":-0.0}', '{"v":-0}')],
  },
  {
    title: 'a fraction, then more digits than float8 keeps',
    before: ['{"v":0.30000000000000004,"k":0}', '{"v":1.7976931348623157,"k":0}'],
    after: [
      drifts('{"v":0.123456789012345678,"k":1}', '{"v":0.123456789012345678,"k":1}', '{"k":1}'),
      drifts('{"v":9007199254740993}', '{"v":9007199254740993}'),
    ],
    types: NUMERIC,
  },
  {
    title: 'a fraction, then a number beyond float8',
    before: V('0.5'),
    after: [drifts('{"v":1e400,"k":1}', `{"v":1${'0'.repeat(400)},"k":1}`, '{"k":1}')],
    types: NUMERIC,
  },
  {
    title: 'an integer, then text',
    before: V('1'),
    after: [unfit('"x"'), unfit('"007"'), fits('{"v":"8"}', '{"v":8}')],
  },
  {
    title: 'text of a number in a numeric column',
    before: V('12345678901234567890'),
    after: [fits('{"v":"1.10"}', '{"v":1.10}'), unfit('"01.1"'), unfit('"1e5"'), fits('{"v":1.10}')],
  },
  {
    title: 'text of a number in a float8 column',
    before: V('0.5'),
    after: [unfit('"1.10"'), fits('{"v":"2.5"}', '{"v":2.5}'), unfit('"NaN"'), unfit('"Infinity"')],
  },
  { title: 'an integer, then true', before: V('1'), after: [unfit('true')] },
  { title: 'an integer, then an object', before: V('1'), after: [unfit('{"x":1.10}'), unfit('{}')] },
  { title: 'an integer, then an array', before: V('1'), after: [unfit('[1,2]'), unfit('[]')] },
];

const TEXTS_AND_STRUCTURES: readonly Drift[] = [
  { title: 'text, then an integer', before: V('"x"'), after: [fits('{"v":5}', '{"v":"5"}')] },
  { title: 'text, then a fraction', before: V('"x"'), after: [fits('{"v":1.10}', '{"v":"1.10"}')] },
  { title: 'text, then true', before: V('"x"'), after: [fits('{"v":true}', '{"v":"true"}')] },
  {
    title: 'text, then an object and an array',
    before: V('"x"'),
    after: [fits('{"v":{"y":1.0}}', '{"v":"{\\"y\\":1.0}"}'), fits('{"v":[1]}', '{"v":"[1]"}')],
  },
  {
    title: 'text, then text with U+0000',
    before: V('"x"'),
    after: [drifts('{"v":"a\\u0000b","k":1}', DEAD, '{"k":1}'), fits('{"v":"a\\\\u0000b"}')],
  },
  { title: 'true, then text', before: V('true'), after: [unfit('"x"'), unfit('"true"')] },
  { title: 'true, then a number', before: V('true'), after: [unfit('1'), unfit('0.5')] },
  {
    title: 'an object, then an array',
    before: V('{"x": 1}'),
    after: [fits('{"v":[1,2]}'), fits('{"v":[]}')],
  },
  {
    title: 'an object, then scalars',
    before: V('{"x": 1}'),
    after: [fits('{"v":"x"}'), fits('{"v":12345678901234567890}'), fits('{"v":1.10}'), fits('{"v":false}')],
  },
  { title: 'an array, then scalars', before: V('[1]'), after: [fits('{"v":1}'), fits('{"v":"1"}')] },
  {
    title: 'a drift inside of an object',
    before: V('{"x": 1}'),
    after: [fits('{"v":{"X":[1.10],"x":"one"}}'), drifts('{"v":{"x":"\\u0000"},"k":1}', DEAD, '{"k":1}')],
  },
  {
    title: 'an instant, then other text',
    before: V('"2024-02-29T12:00:00Z"'),
    after: [
      unfit('"soon"'),
      unfit('"2024-02-29"'),
      unfit('"2024-02-29T12:00:00"'),
      unfit('"2024-02-29T12:00:60Z"'),
      unfit('"2024-02-29T12:00:00.1234567Z"'),
      fits('{"v":"2024-02-29T12:00:00.123456+02:00","k":1}', instant('10:00:00.123456')),
    ],
  },
  { title: 'an instant, then a number', before: V('"2024-02-29T12:00:00Z"'), after: [unfit('1709208000')] },
  {
    title: 'text, then instants',
    before: V('"soon"'),
    after: [fits('{"v":"2024-02-29T12:00:00Z"}'), fits('{"v":"2024-02-29"}')],
  },
];

const long = 'k'.repeat(200);
const NAMES: readonly Drift[] = [
  {
    title: 'names that differ in case only',
    before: ['{"e":1,"Price":1}'],
    after: [drifts('{"e":2,"E":"two","price":2}', '{"e":2,"E":"two","price":2}', '{"e":2}')],
    types: { E: 'text', price: 'bigint' },
  },
  {
    title: 'a key of 63 bytes',
    before: A,
    after: [newKey('k'.repeat(63))],
    types: { ['k'.repeat(63)]: 'bigint' },
  },
  { title: 'a key of 64 bytes', before: A, after: [newKey('k'.repeat(64), `${'k'.repeat(54)}_2519b49b`)] },
  {
    title: 'two keys of 200 bytes that begin alike',
    before: A,
    after: [
      drifts(
        `{"${long}a":1,"${long}b":"x"}`,
        `{"${'k'.repeat(54)}_e1d469ef":1,"${'k'.repeat(54)}_5b2b5cb4":"x"}`,
      ),
    ],
    types: { [`${'k'.repeat(54)}_5b2b5cb4`]: 'text' },
  },
  {
    title: 'long keys of several bytes a character',
    before: A,
    after: [
      newKey('€'.repeat(21)),
      newKey('€'.repeat(22), `${'€'.repeat(18)}_74a8bf7b`),
      newKey(`x${'😀'.repeat(16)}`, `x${'😀'.repeat(13)}_198734c5`),
    ],
  },
  {
    title: 'keys that mean something in SQL',
    before: A,
    after: ['user', 'select', 'oid', 'a\\"b', "it's", 'a;DROP TABLE t;--', '%s', '$1', 'a\\nb', ' ', '1'].map(
      (key) => newKey(key),
    ),
  },
  { title: 'the empty key', before: A, after: [newKey('', '_'), newKey('_', '__')] },
  { title: 'a key with U+0000', before: A, after: [newKey('a\\u0000b', 'a_b_59b271ae')] },
  { title: 'a key with half a character', before: A, after: [dead('{"a":2,"\\ud83d":3}')] },
  {
    title: 'names of system columns and of our own',
    before: A,
    after: ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid', '_rest', 'received_at'].map((key) =>
      newKey(key, `${key}_`),
    ),
  },
  {
    title: 'names that mean something in JavaScript',
    before: A,
    after: ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length'].map((key) => newKey(key)),
  },
  {
    title: 'a repeated key',
    before: ['{"a":1}'],
    after: [
      fits('{"a":2,"a":3}', '{"a":3}'),
      drifts('{"a":4,"b":1,"b":"x"}', '{"a":4,"b":"x"}', '{"a":4}'),
      drifts('{"a":5,"a":"x"}', '{"_rest":{"a":"x"}}'),
    ],
    types: { b: 'text' },
  },
  {
    title: 'a key that is renamed onto another one',
    before: ['{"price":1}'],
    after: [
      fits('{"renamed":2}', '{"price":2}'),
      drifts('{"price":3,"renamed":4}', '{"price":3,"_rest":{"renamed":4}}', '{"price":3}'),
      drifts('{"renamed":5,"price":6}', '{"price":5,"_rest":{"price":6}}', '{"price":5}'),
    ],
  },
];

/** What somebody does to the table between the runs. */
const CHANGED_TABLES: readonly Drift[] = [
  {
    title: 'a column that somebody drops',
    before: ['{"a":1,"b":1}'],
    between: 'ALTER TABLE $table DROP COLUMN b',
    after: [drifts('{"a":2,"b":"x"}', '{"a":2,"b":"x"}', '{"a":2}')],
    types: { b: 'text' },
  },
  {
    title: 'a column that somebody renames',
    before: ['{"a":1,"b":1}'],
    between: 'ALTER TABLE $table RENAME COLUMN b TO c',
    after: [drifts('{"a":2,"b":2}', '{"a":2,"b":2}', '{"a":2}'), fits('{"c":3}')],
    types: { b: 'bigint' },
  },
  {
    title: 'columns that somebody gives other types',
    before: ['{"v":1,"w":1,"k":1}'],
    between: 'ALTER TABLE $table ALTER v TYPE date USING NULL, ALTER w TYPE text',
    after: [unfit('2'), fits('{"v":"2024-02-29","w":3}', '{"v":"2024-02-29","w":"3"}')],
  },
  {
    title: 'a column that somebody adds, which must have a value',
    before: A,
    between:
      'ALTER TABLE $table ADD COLUMN b int8 DEFAULT 7; ALTER TABLE $table ALTER b SET NOT NULL, ALTER b DROP DEFAULT',
    after: [fits('{"a":2,"b":3}'), dead('{"a":2}')],
  },
  {
    title: 'a view on a column that would be widened',
    before: V('1'),
    between: 'CREATE VIEW $table_view AS SELECT v FROM $table',
    after: [unfit('1.5'), fits('{"v":2}')],
  },
];

/** Columns of existing tables that PostgreSQL makes no numeric of, or whose type is somebody's own. */
const FIXED_COLUMNS: readonly Drift[] = [
  {
    title: 'a fraction for a column that a generated column stands on',
    before: [],
    between: 'CREATE TABLE $table (t text, k int8, v int8, g int8 GENERATED ALWAYS AS (v) STORED)',
    after: [fits('{"k":0,"v":2}', '{"k":0,"v":2,"g":2}'), unfit('1.5')],
  },
  ...[
    [
      'a table is partitioned by',
      'v int8) PARTITION BY RANGE (v); CREATE TABLE $table_all PARTITION OF $table DEFAULT',
    ],
    ['a check has bits of', 'v int8 CHECK ((v & 1) = 0))'],
    ['has an index of integers', 'v int8); CREATE INDEX ON $table USING brin (v int8_bloom_ops)'],
    ['is of a domain', 'v $table_positive)'],
  ].map(([what, columns]) => ({
    title: `a fraction for a column that ${what}`,
    before: [],
    between: `CREATE DOMAIN $table_positive AS int8 CHECK (value > 0); CREATE TABLE $table (t text, k int8, ${columns}`,
    after: [fits('{"k":0,"v":2}'), unfit('1.5')],
  })),
];

export const DRIFTS: readonly Drift[] = [
  ...KEYS_AND_NULLS,
  ...NUMBERS,
  ...TEXTS_AND_STRUCTURES,
  ...NAMES,
  ...CHANGED_TABLES,
  ...FIXED_COLUMNS,
];
