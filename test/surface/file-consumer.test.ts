import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { createPrintingBench } from './printed.js';

/** A file read by a consumer with these settings, and what is printed of it. */
async function rowsOf(settings: object, files: Readonly<Record<string, string>>) {
  const bench = await createPrintingBench({ variety: 'file', ...settings }, files);
  return bench.rows();
}

drives('key consumer/file path', 'the file that is read', async () => {
  const files = { 'in.ndjson': '{"n":1}\n', 'day/trades.ndjson': '{"n":2}\n' };
  expect(await rowsOf({ path: 'day/trades.ndjson' }, files)).toEqual([{ n: 2 }]);
});

drives('key consumer/file format', 'what the name of the file does not say', async () => {
  const rows = await rowsOf({ path: 'in.txt', format: 'csv' }, { 'in.txt': 'a,b\n1,2\n' });
  expect(rows).toEqual([{ a: '1', b: '2' }]);
});

drives('key consumer/file csv.delimiter', 'what stands between fields', async () => {
  const rows = await rowsOf({ path: 'in.csv', csv: { delimiter: ';' } }, { 'in.csv': 'a;b\n1,5;2\n' });
  expect(rows).toEqual([{ a: '1,5', b: '2' }]);
});

drives('key consumer/file csv.quote', 'what stands around a field', async () => {
  const rows = await rowsOf({ path: 'in.csv', csv: { quote: "'" } }, { 'in.csv': "a,b\n'1,5',\"2\n" });
  expect(rows).toEqual([{ a: '1,5', b: '"2' }]);
});

drives('key consumer/file csv.header', 'names for a file without a line of them', async () => {
  const rows = await rowsOf({ path: 'in.csv', csv: { header: ['a', 'b'] } }, { 'in.csv': '1,2\n3,4\n' });
  expect(rows).toEqual([
    { a: '1', b: '2' },
    { a: '3', b: '4' },
  ]);
});

drives('key consumer/file csv.null', 'the field that stands for no value', async () => {
  const rows = await rowsOf({ path: 'in.csv', csv: { null: 'NA' } }, { 'in.csv': 'a,b,c\nNA,"NA",\n' });
  expect(rows).toEqual([{ a: null, b: 'NA', c: '' }]);
});
