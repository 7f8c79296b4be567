import { describe, expect, test } from 'vitest';
import { until } from '../../support/until.js';
import { Loading } from './loading.js';

const LEDGER = 'test._socket_el_loads';

/** A row of keys k0, k1 and so on, each with its number. */
const wideRow = (width: number, valueAt: (i: number) => unknown = (i) => i): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: width }, (_, i) => [`k${i}`, valueAt(i)]));

/** The rows with what is in `_rest` put back to its keys. */
async function wholeRows({ database }: Loading): Promise<unknown[]> {
  const found = await database.query<{ row: unknown }>(
    "SELECT jsonb_strip_nulls(to_jsonb(r) - '_rest' || coalesce(_rest, '{}')) AS row FROM test.rows r ORDER BY ctid",
  );
  return found.map(({ row }) => row);
}

async function columnCount(loading: Loading): Promise<number> {
  return Object.keys(await loading.types()).length;
}

describe('max_columns', () => {
  test('of 5 is reached over several runs, and what comes after is in _rest', async () => {
    const loading = await Loading.create({ producer: ['max_columns: 5'] });
    const rows = [
      { a: 1, b: 2 },
      { c: 3, d: 4 },
      { e: 5, f: 6, g: 7 },
      { g: 8, a: 9 },
    ];
    for (const row of rows) loading.expectLoaded(await loading.load(JSON.stringify(row)), 1);
    expect(await wholeRows(loading)).toEqual(rows);
    expect(await loading.types()).toEqual(
      Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'bigint'])),
    );
  });

  test.each(['discard_row', 'discard_value'])('of 2 holds for a table that %s makes', async (contract) => {
    const loading = await Loading.create({ producer: ['max_columns: 2', `schema_contract: ${contract}`] });
    const loaded = contract === 'discard_row' ? ['{"a":2}'] : ['{"a":1,"b":1}', '{"a":2}'];
    const summary = await loading.load('{"a":1,"b":1,"c":1}', '{"a":2}');
    expect(summary).toMatchObject({ status: 'succeeded', loaded: loaded.length, dead: 0 });
    expect(await loading.rows()).toEqual(loaded);
  });

  test('of 1500 with 1,700 columns in one row loads the row when a page of PostgreSQL holds it', async () => {
    const loading = await Loading.create({ producer: ['max_columns: 1500'] });
    const rows = [wideRow(1700, (i) => i % 2 === 0), wideRow(10, () => true)];
    loading.expectLoaded(await loading.load(...rows.map((row) => JSON.stringify(row))), rows.length);
    expect(await wholeRows(loading)).toEqual(rows);
    expect(await columnCount(loading)).toBe(1500);
  });

  test('of 1500 with a row that no page holds makes that row a dead letter with the reason', async () => {
    const loading = await Loading.create({ producer: ['max_columns: 1500'] });
    const row = JSON.stringify(wideRow(1700));
    loading.expectLoaded(await loading.load(row, '{"k0":1}'), 1, 1);
    expect(await loading.deadLetters()).toEqual([
      { raw: row, reason: expect.stringContaining('row is too big') },
    ]);
  });

  // To find the row out, all are put into a table of as many columns, whose pages do not hold it either.
  test('of 1500 with a row of texts that no page holds makes that row a dead letter', async () => {
    const loading = await Loading.create({ producer: ['max_columns: 1500'] });
    const row = JSON.stringify(wideRow(1700, (i) => `text ${i}`));
    loading.expectLoaded(await loading.load(row, '{"k0":"x"}'), 1, 1);
  });
});

describe('between plan and COPY', () => {
  test.each([
    ['drops a column', 'DROP COLUMN b', ['{"a":1}', '{"a":2,"b":2}']],
    ['renames a column', 'RENAME COLUMN b TO c', ['{"a":1,"c":1}', '{"a":2,"b":2}']],
    ['makes a column a text', 'ALTER COLUMN b TYPE text', ['{"a":1,"b":"1"}', '{"a":2,"b":"2"}']],
    [
      'adds a column that must have a value',
      "ADD COLUMN c text NOT NULL DEFAULT 'x'",
      ['{"a":1,"b":1,"c":"x"}', '{"a":2,"b":2,"c":"x"}'],
    ],
    ['drops all columns', 'DROP COLUMN a, DROP COLUMN b', ['{}', '{"a":2,"b":2}']],
  ])('somebody who %s holds nothing up', async (_, change, rows) => {
    const loading = await Loading.create();
    await loading.load('{"a":1,"b":1}');
    const load = () => loading.load('{"a":2,"b":2}');
    loading.expectLoaded(await whileLoading(loading, load, `ALTER TABLE test.rows ${change}`), 1);
    expect(await loading.rows()).toEqual(rows);
  });

  test('somebody who drops the table blocks the load, and the command it names loads all again', async () => {
    const loading = await Loading.create();
    await loading.load('{"a":1}');
    await loading.append('{"a":2}');
    const stderr = await whileLoading(loading, () => loading.runBlocked(), 'DROP TABLE test.rows');
    expect(stderr).toMatch(/expected the table "test"."rows"/);
    await loading.obey(stderr);
    await loading.run(0);
    expect(await loading.rows()).toEqual(['{"a":1}', '{"a":2}']);
  });
});

/** The load has planned when it comes to the ledger; it waits there, and the statement comes before it. */
async function whileLoading<T>({ database }: Loading, load: () => Promise<T>, statement: string): Promise<T> {
  await database.query(`BEGIN; LOCK TABLE ${LEDGER} IN SHARE MODE`);
  const loaded = load();
  loaded.catch(() => {});
  const waiting = 'SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
  await until(async () => (await database.query(waiting, [LEDGER])).length > 0, { timeoutMs: 8000 });
  await database.query(`${statement}; COMMIT`);
  return loaded;
}

test('an identity column that a number does not fit makes the row a dead letter, and holds nothing up', async () => {
  const loading = await Loading.create();
  await loading.database.query('CREATE TABLE test.rows (v int8 GENERATED BY DEFAULT AS IDENTITY, k int8)');
  loading.expectLoaded(await loading.load('{"v":7,"k":1}', '{"v":1.5,"k":2}', '{"v":8,"k":3}'), 2, 1);
  expect(await loading.deadLetters()).toMatchObject([{ raw: '{"v":1.5,"k":2}' }]);
});

const USED_UP = Array.from({ length: 1597 }, (_, i) => `ADD COLUMN x${i} int8`).join(', ');
const DROPPED = USED_UP.replaceAll(/ADD (COLUMN x\d+) int8/g, 'DROP $1');

test.each([
  [
    'is a partition',
    'CREATE TABLE test.whole (a int8, _rest jsonb) PARTITION BY RANGE (a); CREATE TABLE test.rows PARTITION OF test.whole DEFAULT',
  ],
  ['is of a type', 'CREATE TYPE test.of AS (a int8, _rest jsonb); CREATE TABLE test.rows OF test.of'],
  [
    'has had 1,600 columns',
    `CREATE TABLE test.rows (a int8, _rest jsonb, last int8); ALTER TABLE test.rows ${USED_UP}; ALTER TABLE test.rows ${DROPPED}`,
  ],
])(
  'a table that %s and gets no column has new keys in _rest, and holds nothing up',
  async (_, statements) => {
    const loading = await Loading.create();
    await loading.database.query(statements);
    loading.expectLoaded(await loading.load('{"a":1,"b":2,"c":"x"}', '{"a":3}', '{"a":1.5}'), 3);
    expect((await loading.rows()).slice(0, 2)).toEqual(['{"a":1,"_rest":{"b":2,"c":"x"}}', '{"a":3}']);
  },
);
