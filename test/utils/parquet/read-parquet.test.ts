import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
// @ts-expect-error The package has no types.
import parquetjs from 'parquetjs-lite';
import { expect, test } from 'vitest';
import { encodeParquet } from '../../../src/utils/parquet/encode-parquet.js';
import { type ParquetRows, readParquet } from '../../../src/utils/parquet/read-parquet.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { decodeLines } from '../columns/decoding.js';

async function readAll(bytes: Uint8Array): Promise<readonly ParquetRows[]> {
  const buffer = new Uint8Array(bytes).buffer;
  const groups: ParquetRows[] = [];
  const source = {
    byteLength: buffer.byteLength,
    slice: (start: number, end?: number) => buffer.slice(start, end),
  };
  for await (const group of readParquet(source)) groups.push(group);
  return groups;
}

async function writtenByParquetjs(
  fields: object,
  rows: readonly object[],
  options = {},
): Promise<Uint8Array> {
  const path = join(await createTempFolder(), 'theirs.parquet');
  const writer = await parquetjs.ParquetWriter.openFile(new parquetjs.ParquetSchema(fields), path, options);
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
  return readFile(path);
}

test.each(['UNCOMPRESSED', 'GZIP', 'SNAPPY'])(
  'a file that parquetjs-lite wrote with %s is read',
  async (compression) => {
    const bytes = await writtenByParquetjs(
      {
        text: { type: 'UTF8', compression },
        count: { type: 'INT64', compression },
        small: { type: 'INT32', compression },
        price: { type: 'DOUBLE', compression },
        maker: { type: 'BOOLEAN', compression },
        at: { type: 'TIMESTAMP_MILLIS', compression },
        day: { type: 'DATE', compression },
        note: { type: 'UTF8', optional: true, compression },
        tags: { type: 'UTF8', repeated: true, compression },
        extra: { type: 'JSON', optional: true, compression },
      },
      [
        {
          text: 'Grüße 🚀',
          count: 2 ** 52,
          small: -7,
          price: 1.1,
          maker: true,
          at: new Date(1709208000123),
          day: new Date('2024-02-29'),
          tags: ['a', 'b'],
          extra: { a: [1] },
        },
        {
          text: '',
          count: -1,
          small: 0,
          price: -0.5,
          maker: false,
          at: new Date(-1),
          day: new Date('1969-12-31'),
          note: 'x',
          tags: [],
        },
      ],
    );
    expect(await readAll(bytes)).toEqual([
      {
        columns: ['text', 'count', 'small', 'price', 'maker', 'at', 'day', 'note', 'tags', 'extra'],
        rows: [
          [
            'Grüße 🚀',
            4503599627370496n,
            -7,
            1.1,
            true,
            '2024-02-29T12:00:00.123Z',
            '2024-02-29',
            null,
            ['a', 'b'],
            '{"a":[1]}',
          ],
          ['', -1n, 0, -0.5, false, '1969-12-31T23:59:59.999Z', '1969-12-31', 'x', null, null],
        ],
      },
    ]);
  },
);

test('row groups of parquetjs-lite come one at a time', async () => {
  const rows = Array.from({ length: 25 }, (_, i) => ({ n: i }));
  const bytes = await writtenByParquetjs({ n: { type: 'INT64' } }, rows, { rowGroupSize: 10 });
  const groups = await readAll(bytes);
  expect(groups.map((group) => group.rows.length)).toEqual([10, 10, 5]);
  expect(groups.flatMap((group) => group.rows.flat())).toEqual(rows.map(({ n }) => BigInt(n)));
});

test('what was written by us comes back with every digit', async () => {
  const table = decodeLines([
    '{"i":9007199254740993,"d":1.10,"t":"2024-02-29T12:00:00.000001Z","s":"x","j":{"a":1.10,"b":9007199254740993},"b":true,"__proto__":1}',
    '{"t":"0000-01-01T00:00:00Z"}',
  ]);
  expect(await readAll(encodeParquet(table, new Map()))).toEqual([
    {
      columns: ['i', 'd', 't', 's', 'j', 'b', '__proto__'],
      rows: [
        [
          9007199254740993n,
          1.1,
          '2024-02-29T12:00:00.000001Z',
          'x',
          '{"a":1.10,"b":9007199254740993}',
          true,
          1n,
        ],
        [null, null, '0000-01-01T00:00:00.000000Z', null, null, null, null],
      ],
    },
  ]);
});

test('an instant beyond RFC 3339 is its number', async () => {
  const lines = ['{"t":9223372036854775806}', '{"t":-1}'];
  const columns = { t: { type: 'timestamptz', unit: 'us' } } as const;
  const [group] = await readAll(encodeParquet(decodeLines(lines, { columns }), new Map()));
  expect(group?.rows).toEqual([[9223372036854775806n], ['1969-12-31T23:59:59.999999Z']]);
});

test('bytes that are no Parquet file are refused', async () => {
  await expect(readAll(Buffer.from('{"a":1}\n'))).rejects.toThrow(/parquet/i);
});
