import { A, type Drift, dead, drifts, fits, newKey, unfit, V } from './drift.js';

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

/** Drifts of names, and of tables that somebody else changes or has made. */
export const NAME_DRIFTS: readonly Drift[] = [...NAMES, ...CHANGED_TABLES, ...FIXED_COLUMNS];
