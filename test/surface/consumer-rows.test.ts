import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { createDatabase } from '../support/database.js';
import { drives } from '../support/drives.js';
import { serveHttp } from '../support/http-source.js';
import { createPipelineBench } from '../support/pipeline-bench.js';
import { createPrintingBench } from './printed.js';
import { createWritingBench, readWritten } from './written.js';

/** What is printed of messages in a file. */
async function rowsOf(messages: readonly string[], settings: object) {
  const input = { variety: 'file', path: 'in.ndjson' };
  const files = { 'in.ndjson': messages.map((message) => `${message}\n`).join('') };
  return (await createPrintingBench({ ...input, ...settings }, files)).rows();
}

/** What is written of messages in a file, by the name of its table. */
async function tablesOf(messages: readonly string[], settings: object) {
  const bench = await createWritingBench(messages, settings, { path: 'out/{table}' });
  await bench.cli(0, 'run', 'config.yml');
  const tables = await readdir(join(bench.folder, 'out'));
  const contents = tables.map((table) => readWritten(join(bench.folder, 'out', table)));
  const rows = await Promise.all(contents);
  return Object.fromEntries(tables.map((table, index) => [table, rows[index]]));
}

/** The values of the first row, as another reader of Parquet prints them, and their types. */
async function typedRow(message: string, columns: object): Promise<Record<string, [string, string]>> {
  const bench = await createWritingBench([message], { columns }, { path: 'out', format: 'parquet' });
  await bench.cli(0, 'run', 'config.yml');
  const duckdb = await (await DuckDBInstance.create()).connect();
  await duckdb.run("SET TimeZone = 'UTC'");
  const read = await duckdb.runAndReadAll(`SELECT * FROM '${bench.folder}/out/*.parquet'`);
  const [values = []] = read.getRows();
  const types = read.columnTypes();
  duckdb.closeSync();
  return Object.fromEntries(read.columnNames().map((name, i) => [name, [`${types[i]}`, `${values[i]}`]]));
}

drives('key consumer framing', 'each line of an answer is a message', async () => {
  const { url } = await serveHttp(() => ({ body: '{"n":1}\n{"n":2}' }));
  const settings = { variety: 'http', uri: url, once: true, framing: 'lines' };
  expect(await (await createPrintingBench(settings)).rows()).toEqual([{ n: 1 }, { n: 2 }]);
});

drives('key consumer decode', 'a message that is text is a row', async () => {
  expect(await rowsOf(['no {json}'], { decode: 'text' })).toEqual([{ message: 'no {json}' }]);
});

drives('key consumer records', 'the elements of a list are rows', async () => {
  const rows = await rowsOf(['{"data":{"trades":[{"n":1},{"n":2}]}}'], { records: '/data/trades/*' });
  expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
});

drives('key consumer include', 'a value of the message is in each of its rows', async () => {
  const settings = { records: '/rows/*', include: { symbol: '/product' } };
  const rows = await rowsOf(['{"product":"ETH","rows":[{"n":1},{"n":2}]}'], settings);
  expect(rows).toEqual([
    { symbol: 'ETH', n: 1 },
    { symbol: 'ETH', n: 2 },
  ]);
});

drives('key consumer ignore', 'messages that a rule describes are no rows', async () => {
  const messages = ['{"type":"beat"}', '{"type":"trade"}'];
  expect(await rowsOf(messages, { ignore: [{ '/type': 'beat' }] })).toEqual([{ type: 'trade' }]);
});

drives('key consumer rename', 'a key has another name', async () => {
  expect(await rowsOf(['{"p":1,"n":2}'], { rename: { p: 'price' } })).toEqual([{ price: 1, n: 2 }]);
});

drives('key consumer columns', 'a number is stored as another type than that of its digits', async () => {
  expect(await typedRow('{"a":1,"b":1}', { a: 'float8' })).toEqual({
    a: ['DOUBLE', '1'],
    b: ['BIGINT', '1'],
  });
});

drives('key consumer columns.<name>.type', 'the type, where a map gives it', async () => {
  const row = await typedRow('{"id":12}', { id: { type: 'text' } });
  expect(row).toEqual({ id: ['VARCHAR', '12'] });
});

drives('key consumer columns.<name>.unit', 'a number is an instant in that unit', async () => {
  const row = await typedRow('{"at":1700000000}', { at: { type: 'timestamptz', unit: 's' } });
  expect(row).toEqual({ at: ['TIMESTAMP WITH TIME ZONE', expect.stringContaining('2023-11-14 22:13:20')] });
});

drives('key consumer columns.<name>.encoding', 'text stands for the bytes that it encodes', async () => {
  const database = await createDatabase();
  const columns = { raw: { type: 'bytea', encoding: 'base64' } };
  const trades = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson', columns };
  const warehouse = { name: 'db', type: 'producer', variety: 'postgres', depends_on: ['trades'] };
  const bench = await createPipelineBench({
    config: { runners: [trades, warehouse] },
    files: { 'in.ndjson': '{"raw":"aGk="}\n' },
    profile: database.profile(),
  });
  await bench.cli(0, 'run', 'config.yml');
  const rows = await database.query("SELECT encode(raw, 'escape') AS raw FROM test.trades");
  expect(rows).toEqual([{ raw: 'hi' }]);
});

drives('key consumer metadata', 'rows say when and on which connection they came', async () => {
  const { trades } = await tablesOf(['{"n":1}'], { metadata: ['received_at', 'connection'] });
  expect(trades).toEqual([
    { n: 1, received_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), connection: expect.anything() },
  ]);
});

drives('key consumer table', 'the table of all rows', async () => {
  expect(await tablesOf(['{"n":1}'], { table: 'quotes' })).toEqual({ quotes: [{ n: 1 }] });
});

drives('key consumer table.from', 'the value that decides on the table', async () => {
  const table = { from: '/kind/of', map: { a: 'left', b: 'right' } };
  const messages = ['{"kind":{"of":"a"},"of":"b"}', '{"kind":{"of":"b"},"of":"a"}'];
  const tables = await tablesOf(messages, { table });
  expect(tables).toEqual({
    left: [{ kind: { of: 'a' }, of: 'b' }],
    right: [{ kind: { of: 'b' }, of: 'a' }],
  });
});

drives('key consumer table.map', 'the table of each value', async () => {
  const table = { from: '/of', map: { a: 'left', b: 'right', c: 'left' }, else: 'discard' };
  const messages = ['a', 'b', 'c', 'd'].map((of) => JSON.stringify({ of }));
  expect(await tablesOf(messages, { table })).toEqual({
    left: [{ of: 'a' }, { of: 'c' }],
    right: [{ of: 'b' }],
  });
});

drives('key consumer table.else', 'the table of all other rows', async () => {
  const table = { from: '/of', map: { a: 'left' }, else: 'others' };
  const tables = await tablesOf(['{"of":"a"}', '{"of":"x"}', '{"n":1}'], { table });
  expect(tables).toEqual({ left: [{ of: 'a' }], others: [{ of: 'x' }, { n: 1 }] });
});
