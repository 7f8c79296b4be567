import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { fileVariety } from '../../../src/consumers/file/index.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { createConsuming } from '../consuming.js';

type Keys = Readonly<Record<string, unknown>>;

async function readFileOf(folder: string, path: string, keys: Keys = {}): Promise<readonly unknown[]> {
  const consuming = await createConsuming(folder, fileVariety, { path, ...keys });
  await consuming.run();
  return (await consuming.lines()).map((line) => JSON.parse(line) as unknown);
}

async function readText(text: string, keys: Keys = {}, path = 'rows.csv'): Promise<readonly unknown[]> {
  const folder = await createTempFolder();
  await writeFile(join(folder, path), text);
  return readFileOf(folder, path, keys);
}

test.each<[string, string, Keys, readonly unknown[]]>([
  [
    'a header',
    'a,b\n1,x\n2,y\n',
    {},
    [
      { a: '1', b: 'x' },
      { a: '2', b: 'y' },
    ],
  ],
  ['no newline at its end', 'a,b\n1,x', {}, [{ a: '1', b: 'x' }]],
  ['a byte order mark and CRLF', '\ufeffa,b\r\n1,x\r\n', {}, [{ a: '1', b: 'x' }]],
  ['quotes, delimiters and newlines in fields', 'a,b\n"1,""2""","x\ny"\n', {}, [{ a: '1,"2"', b: 'x\ny' }]],
  ['no value and empty text', 'a,b\n,""\n', {}, [{ a: null, b: '' }]],
  ['another word for no value', 'a,b\nNULL,"NULL"\n', { csv: { null: 'NULL' } }, [{ a: null, b: 'NULL' }]],
  [
    'rows that are too short and too long',
    'a,b\n1\n1,2,3\n',
    {},
    [{ a: '1' }, { a: '1', b: '2', column_3: '3' }],
  ],
  ['columns without a name, or with the same', 'a,,a\n1,2,3\n', {}, [{ a: '1', column_2: '2', a_2: '3' }]],
  [
    'another delimiter and quote',
    "a;b\n'1;2';3\n",
    { csv: { delimiter: ';', quote: "'" } },
    [{ a: '1;2', b: '3' }],
  ],
  ['no header', '1,x\n', { csv: { header: ['a', 'b'] } }, [{ a: '1', b: 'x' }]],
  ['only a header', 'a,b\n', {}, []],
  ['nothing in it', '', {}, []],
])('a CSV file with %s', async (_, text, keys, expected) => {
  expect(await readText(text, keys)).toEqual(expected);
});

test('a file that ends in .tsv has tabs, and format says what the name does not', async () => {
  expect(await readText('a\tb\n1\tx,y\n', {}, 'rows.tsv')).toEqual([{ a: '1', b: 'x,y' }]);
  expect(await readText('a,b\n1,x\n', { format: 'csv' }, 'rows.txt')).toEqual([{ a: '1', b: 'x' }]);
});

test('a second run takes only what has been appended to a CSV file', async () => {
  const folder = await createTempFolder();
  const rows = Array.from({ length: 2500 }, (_, n) => `${n},"text\n${n}"`);
  await writeFile(join(folder, 'rows.csv'), `n,text\n${rows.join('\n')}\n`);
  expect(await readFileOf(folder, 'rows.csv')).toHaveLength(2500);
  await appendFile(join(folder, 'rows.csv'), '2500,"last"\n');
  const read = await readFileOf(folder, 'rows.csv');
  expect(read).toHaveLength(2501);
  expect(read[2499]).toEqual({ n: '2499', text: 'text\n2499' });
  expect(read[2500]).toEqual({ n: '2500', text: 'last' });
});

test('a quote that is never closed is an error with a hint, not a wait without end', async () => {
  const text = `a,b\n1,"${'x'.repeat(17 * 1024 * 1024)}`;
  await expect(readText(text)).rejects.toMatchObject({
    code: 'source.file',
    hint: expect.stringContaining('quote'),
  });
});

async function writeParquet(folder: string, select: string): Promise<void> {
  const connection = await (await DuckDBInstance.create()).connect();
  const path = join(folder, 'rows.parquet');
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  connection.closeSync();
}

test('a Parquet file of another writer gives its rows with every digit, and a second run none again', async () => {
  const folder = await createTempFolder();
  await writeParquet(
    folder,
    `SELECT range::BIGINT + 9007199254740993 AS id, 'x' || range AS name, range % 2 = 0 AS even, 0.5::DOUBLE AS half,
       TIMESTAMP '2026-01-02 03:04:05.123456' AS at, NULL::INT AS none, [range, 2] AS list, {'k': range} AS map,
       'ab'::BLOB AS bytes FROM range(5000)`,
  );
  const consuming = await createConsuming(folder, fileVariety, { path: 'rows.parquet' });
  await consuming.run();
  const lines = await consuming.lines();
  expect(lines).toHaveLength(5000);
  expect(lines[4999]).toBe(
    '{"id":9007199254745992,"name":"x4999","even":false,"half":0.5,"at":"2026-01-02T03:04:05.123456Z","none":null,"list":[4999,2],"map":{"k":4999},"bytes":"\\\\x6162"}',
  );
  expect(await readFileOf(folder, 'rows.parquet')).toHaveLength(5000);
});

test.each(['rows.parquet', 'rows.csv'])('another file in the place of %s is refused', async (path) => {
  const folder = await createTempFolder();
  const isCsv = path.endsWith('csv');
  const write = (n: number) =>
    isCsv
      ? writeFile(join(folder, path), `a${n}\n1\n2\n`)
      : writeParquet(folder, `SELECT range AS a${n} FROM range(3)`);
  await write(1);
  await readFileOf(folder, path);
  await write(2);
  await expect(readFileOf(folder, path)).rejects.toMatchObject({ code: 'source.position_lost' });
});

test('what is no Parquet file is an error that says so', async () => {
  await expect(readText('PAR1 no', {}, 'rows.parquet')).rejects.toMatchObject({ code: 'source.file' });
});

test('a last line that somebody is still writing is read when it is whole, and not before', async () => {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'rows.ndjson'), '{"a":1}\n{"a":');
  expect(await readFileOf(folder, 'rows.ndjson')).toEqual([{ a: 1 }]);
  await appendFile(join(folder, 'rows.ndjson'), '2}\n{"a":3}');
  expect(await readFileOf(folder, 'rows.ndjson')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
});
