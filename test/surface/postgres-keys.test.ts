import { expect } from 'vitest';
import { Loading } from '../producers/postgres/loading.js';
import { createDatabase } from '../support/database.js';
import { drives } from '../support/drives.js';
import { createPipelineBench } from '../support/pipeline-bench.js';

const MERGE_BY_ID = ['write_disposition: merge', 'primary_key: [id]'];
/** More than a few: these block a load unless the configuration says otherwise. */
const REFUSED = Array.from({ length: 20 }, (_, i) => `{"a":${-1 - i}}`);

/** A load into a table that is there already. */
async function createLoading(table: string, ...producer: readonly string[]): Promise<Loading> {
  const loading = await Loading.create({ producer });
  await loading.database.query(`CREATE TABLE test.rows ${table}`);
  return loading;
}

/** Loads one file and then another in its place, and gives the rows that are in the table in the end. */
async function rowsOfTwoSets(...producer: readonly string[]): Promise<readonly string[]> {
  const loading = await Loading.create({ producer });
  await loading.load('{"a":1}');
  await loading.replace('{"a":2}');
  await loading.run(0);
  return loading.rows();
}

/** Loads three rows, of which two are of one venue and two of one id, and gives those in the table by their numbers. */
async function mergedNumbers(...producer: readonly string[]): Promise<readonly unknown[]> {
  const loading = await Loading.create({ producer });
  await loading.load(
    '{"id":1,"venue":"x","n":1}',
    '{"id":2,"venue":"x","n":2}',
    '{"id":2,"venue":"y","n":3}',
  );
  const rows = await loading.database.query<{ n: number }>('SELECT n::int FROM test.rows ORDER BY n');
  return rows.map(({ n }) => n);
}

/** Loads a row that a table has only a part of a place for, and gives what is in the table. */
async function rowsOfContract(...producer: readonly string[]): Promise<readonly string[]> {
  const loading = await createLoading('(a int8)', ...producer);
  await loading.load('{"a":1,"b":2}');
  return loading.rows();
}

/** Loads rows that the table refuses, and gives how many dead letters they are. */
async function deadOf(...producer: readonly string[]): Promise<number> {
  const loading = await createLoading('(a int8 CHECK (a > 0))', ...producer);
  const { dead } = await loading.load(...REFUSED, '{"a":1}');
  expect(await loading.rows()).toEqual(['{"a":1}']);
  return dead;
}

/** Loads two batches that wait, and gives in how many transactions their rows came. */
async function transactionsOf(...producer: readonly string[]): Promise<unknown> {
  const loading = await Loading.create({ producer });
  for (const first of [1, 3]) {
    await loading.append(`{"a":${first}}`, `{"a":${first + 1}}`);
    await loading.runOnly('rows');
  }
  expect(await loading.load()).toMatchObject({ loaded: 4, batches: 2 });
  const [row] = await loading.database.query('SELECT count(DISTINCT xmin::text)::int AS n FROM test.rows');
  return row?.['n'];
}

drives('key producer/postgres write_disposition', 'replace leaves only the last set', async () => {
  expect(await rowsOfTwoSets('write_disposition: replace')).toEqual(['{"a":2}']);
});

drives('key producer/postgres primary_key', 'a merge tells rows apart by it', async () => {
  expect(await mergedNumbers('write_disposition: merge', 'primary_key: [venue]')).toEqual([2, 3]);
});

drives('key producer/postgres schema_contract', 'discard_value leaves out what has no column', async () => {
  expect(await rowsOfContract('schema_contract: discard_value')).toEqual(['{"a":1}']);
});

drives('key producer/postgres on_poison', 'many refused rows become dead letters', async () => {
  expect(await deadOf('on_poison: dead')).toBe(REFUSED.length);
});

drives('key producer/postgres max_columns', 'further keys go into _rest', async () => {
  const loading = await Loading.create({ producer: ['max_columns: 2'] });
  await loading.load('{"a":1,"b":2,"c":3}');
  expect(await loading.rows()).toEqual(['{"a":1,"b":2,"_rest":{"c":3}}']);
});

drives('key producer/postgres widen_limit', 'a column of more rows keeps its type', async () => {
  const loading = await Loading.create({ producer: ['widen_limit: 1'] });
  await loading.load('{"a":1}', '{"a":2}');
  await loading.load('{"a":1.5}');
  expect(await loading.types()).toEqual({ a: 'bigint' });
  expect((await loading.rows()).at(-1)).toBe('{"_rest":{"a":1.5}}');
});

drives('key producer/postgres tables', 'one consumer has settings of its own', async () => {
  const tables = '{rows: {table: quotes, write_disposition: merge, primary_key: [id]}}';
  const loading = await Loading.create({ producer: [`tables: ${tables}`] });
  await loading.load('{"id":1,"a":1}', '{"id":1,"a":2}');
  expect(await loading.database.query('SELECT a::int FROM test.quotes')).toEqual([{ a: 2 }]);
});

drives('key producer/postgres tables.<name>.table', 'the table of one consumer', async () => {
  const loading = await Loading.create({ producer: ['tables: {rows: {table: quotes}}'] });
  await loading.load('{"a":1}');
  expect(await loading.database.count('test.quotes')).toBe(1);
  expect(await loading.database.hasTable('test.rows')).toBe(false);
});

drives('key producer/postgres tables.<name>.write_disposition', 'how its rows are written', async () => {
  expect(await rowsOfTwoSets('tables: {rows: {write_disposition: replace}}')).toEqual(['{"a":2}']);
});

drives('key producer/postgres tables.<name>.primary_key', 'what tells its rows apart', async () => {
  expect(await mergedNumbers(...MERGE_BY_ID, 'tables: {rows: {primary_key: [venue]}}')).toEqual([2, 3]);
});

drives('key producer/postgres tables.<name>.schema_contract', 'what its table has no place for', async () => {
  const keys = ['schema_contract: discard_row', 'tables: {rows: {schema_contract: discard_value}}'];
  expect(await rowsOfContract(...keys)).toEqual(['{"a":1}']);
});

drives('key producer/postgres tables.<name>.on_poison', 'what its refused rows become', async () => {
  expect(await deadOf('tables: {rows: {on_poison: dead}}')).toBe(REFUSED.length);
});

drives('key producer/postgres transaction.max_rows', 'more rows are loaded apart', async () => {
  expect(await transactionsOf('transaction: {max_rows: 3}')).toBe(2);
});

drives('key producer/postgres transaction.max_bytes', 'more bytes are loaded apart', async () => {
  expect(await transactionsOf('transaction: {max_bytes: 20B}')).toBe(2);
});

drives('key producer/postgres profile', 'the entry says where rows go', async () => {
  const database = await createDatabase();
  const entries = { postgres: database.profile({ schema: 'usual' }), other: database.profile() };
  const bench = await createPipelineBench({
    config: {
      runners: [
        { name: 'rows', type: 'consumer', variety: 'file', path: 'rows.ndjson' },
        { name: 'db', type: 'producer', variety: 'postgres', depends_on: ['rows'], profile: 'other' },
      ],
    },
    files: { 'rows.ndjson': '{"a":1}\n', 'home/.socket_el/profile.yml': JSON.stringify(entries) },
  });
  await bench.cli(0, 'run', 'config.yml', '--no-progress');
  expect(await database.count('test.rows')).toBe(1);
  expect(await database.hasTable('usual.rows')).toBe(false);
});
