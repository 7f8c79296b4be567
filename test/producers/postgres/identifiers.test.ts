import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnName, quoteIdentifier, quoteLiteral } from '../../../src/producers/postgres/identifiers.js';
import { connectToNew } from './encode/typed-table.js';

const NASTY_KEYS = [
  '',
  ' ',
  'e',
  'E',
  'select',
  'table',
  'user',
  'ctid',
  'xmin',
  'xmax',
  'cmin',
  'cmax',
  'tableoid',
  '_rest',
  'oid',
  'a"b',
  '"',
  "it's",
  'a;DROP TABLE t;--',
  'a\\b',
  'a.b',
  'a\nb',
  '\u0001',
  '😀',
  '__proto__',
  'constructor',
  '0',
  'x'.repeat(63),
  'x'.repeat(64),
  'x'.repeat(65),
  'ü'.repeat(31),
  'ü'.repeat(32),
  `${'ü'.repeat(40)}a`,
  `${'ü'.repeat(40)}b`,
  '😀'.repeat(16),
  `x${'😀'.repeat(20)}`,
  'k'.repeat(100_000),
];

test('every key names a column that PostgreSQL makes, under exactly that name, and no two keys meet', async () => {
  const client = await connectToNew();
  const names = NASTY_KEYS.map((key) => columnName(key));
  await client.query(`CREATE TABLE t (${names.map((name) => `${quoteIdentifier(name)} int`).join(', ')})`);
  const { rows } = await client.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum",
  );
  expect(rows.map(({ name }) => name)).toEqual(names);
});

test('a key that PostgreSQL takes as it is stays as it is', () => {
  for (const key of ['e', 'E', 'select', 'a"b', '😀', ' ', 'x'.repeat(63)]) expect(columnName(key)).toBe(key);
});

test('a name has at most 63 bytes, no NUL and no half character, whatever the key', () => {
  const property = fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (key) => {
    const name = columnName(key);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
    expect(name).not.toContain('\0');
    expect(name).not.toContain('\ufffd'.repeat(key.includes('\ufffd') ? 81 : 1));
    expect(name).not.toBe('');
  });
  fc.assert(property);
});

test.each([
  ['a key with NUL and one with an underscore', 'a\0b', 'a_b'],
  ['a reserved key and the same with an underscore', 'ctid', 'ctid_'],
  ['the empty key and an underscore', '', '_'],
])('%s are two columns', (_, one, other) => {
  expect(columnName(one)).not.toBe(columnName(other));
});

test('a name that metadata takes is kept free', () => {
  expect(columnName('received_at', ['received_at'])).toBe('received_at_');
  expect(columnName('other', ['received_at'])).toBe('other');
});

test('a quoted text is that text to PostgreSQL', async () => {
  const client = await connectToNew();
  for (const text of ["it's", '\\', "\\'", '…', '$1', "a\nb'--"]) {
    const { rows } = await client.query<{ text: string }>(`SELECT ${quoteLiteral(text)} AS text`);
    expect(rows[0]?.text).toBe(text);
  }
});
