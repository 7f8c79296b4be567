import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance, DuckDBTimestampTZValue, type DuckDBValue } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ColumnTable } from '../../../src/utils/columns/column-table.js';
import { isExactAsDouble } from '../../../src/utils/decimal.js';
import { encodeParquet } from '../../../src/utils/parquet/encode-parquet.js';
import { readRowCount } from '../../../src/utils/parquet/read-row-count.js';
import { parseRfc3339 } from '../../../src/utils/rfc3339.js';
import { queryDuckDb, valuesInDuckDb } from '../../stages/parquet/reading.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { decodeLines } from '../columns/decoding.js';

async function written(table: ColumnTable, metadata = new Map<string, string>()): Promise<string> {
  const path = join(await createTempFolder(), 'rows.parquet');
  await writeFile(path, encodeParquet(table, metadata));
  return path;
}

test('DuckDB sees each column with its type and values', async () => {
  const path = await written(
    decodeLines([
      '{"b":true,"i":9007199254740993,"n":1,"d":1.10,"t":"2024-02-29T12:00:00.000001Z","s":"Grüße 🚀","j":{"x":1.10,"y":9007199254740993}}',
      '{"b":false,"i":-9223372036854775808,"d":-0.0,"t":"0001-01-01T00:00:00Z","s":"a\\u0000b","j":[ ]}',
      '{"i":1,"n":-2147483648,"s":""}',
    ]),
  );
  const found = await queryDuckDb(`SELECT * FROM '${path}'`);
  expect([...found].map(([name, { type }]) => `${name} ${type}`)).toEqual([
    'b BOOLEAN',
    'i BIGINT',
    'n BIGINT',
    'd DOUBLE',
    't TIMESTAMP WITH TIME ZONE',
    's VARCHAR',
    'j JSON',
  ]);
  expect([...found.values()].map(({ values }) => values)).toEqual([
    [true, false, null],
    [9007199254740993n, -9223372036854775808n, 1n],
    [1n, null, -2147483648n],
    [1.1, -0, null],
    [new DuckDBTimestampTZValue(1709208000000001n), new DuckDBTimestampTZValue(-62135596800000000n), null],
    ['Grüße 🚀', 'a\0b', ''],
    ['{"x":1.10,"y":9007199254740993}', '[ ]', null],
  ]);
});

test('columns whose names differ only in case, or hold dots and quotes, keep their values', async () => {
  const path = await written(decodeLines(['{"e":1,"E":"x","a.b":2,"\\"":3,"größe":4,"__proto__":5}']));
  const found = await queryDuckDb(`SELECT * FROM '${path}'`);
  expect([...found].map(([name, { values }]) => [name, values[0]])).toEqual([
    ['e', 1n],
    ['E_1', 'x'],
    ['a.b', 2n],
    ['"', 3n],
    ['größe', 4n],
    ['__proto__', 5n],
  ]);
});

test('count, sum and filters over several row groups are right', async () => {
  const lines = Array.from({ length: 250_000 }, (_, i) => {
    const even = i % 2 === 0 ? `,"even":${i / 2 + 0.25},"id":${9007199254740993n + BigInt(i)}` : '';
    return `{"seq":${i},"name":"n${i % 100}"${even}}`;
  });
  const path = await written(decodeLines(lines));
  const totals = `SELECT count(*) AS rows, count(even) AS evens, sum(seq)::BIGINT AS seqs, sum(even) AS halves,
    count(DISTINCT name) AS names, min(id) AS first, max(id) AS last FROM '${path}'`;
  expect(await valuesInDuckDb(totals)).toEqual({
    rows: [250_000n],
    evens: [125_000n],
    seqs: [31_249_875_000n],
    halves: [62_499.5 * 125_000 + 31_250],
    names: [100n],
    first: [9007199254740993n],
    last: [9007199254990991n],
  });
  expect(await valuesInDuckDb(`SELECT name FROM '${path}' WHERE seq = 199999`)).toEqual({ name: ['n99'] });
  const groups = `SELECT count(DISTINCT row_group_id) AS groups FROM parquet_metadata('${path}')`;
  expect(await valuesInDuckDb(groups)).toEqual({ groups: [3n] });
});

test('integers far from each other, near to each other and behind nulls come back', async () => {
  const far = ['9223372036854775807', '-9223372036854775808', '0', 'null', '-1', '4294967296'];
  const near = far.map((_, i) => (i === 2 ? 'null' : String(1709208000000000000n + BigInt(i * i))));
  const path = await written(decodeLines(far.map((value, i) => `{"far":${value},"near":${near[i]}}`)));
  const asBigint = (value: string) => (value === 'null' ? null : BigInt(value));
  expect(await valuesInDuckDb(`SELECT * FROM '${path}'`)).toEqual({
    far: far.map(asBigint),
    near: near.map(asBigint),
  });
});

test('readers find the least and the greatest number of each row group', async () => {
  const lines = Array.from({ length: 100_001 }, (_, i) => `{"near":${i - 50_000},"far":null,"d":${i / 4}}`);
  lines[7] = '{"near":null,"far":-9223372036854775808,"d":null}';
  lines[8] = '{"near":-4000000000,"far":9007199254740993,"d":-0.0}';
  lines[9] = '{"near":4000000000,"far":9007199254740992,"d":-1e300}';
  const path = await written(decodeLines(lines));
  const sql = `SELECT path_in_schema AS name, stats_min_value AS min, stats_max_value AS max,
    stats_null_count AS nulls FROM parquet_metadata('${path}') ORDER BY row_group_id, column_id`;
  expect(await valuesInDuckDb(sql)).toEqual({
    name: ['near', 'd', 'far', 'near', 'd', 'far'],
    min: ['-4000000000', '-1e+300', '-9223372036854775808', '50000', '25000.0', null],
    max: ['4000000000', '24999.75', '9007199254740993', '50000', '25000.0', null],
    nulls: [1n, 1n, 99_997n, 0n, 0n, 1n],
  });
});

test('metadata stands in the file and the row count can be read from its bytes', async () => {
  const table = decodeLines(['{"a":1}', '{}']);
  const bytes = encodeParquet(table, new Map([['socket_el.consumer', 'trades']]));
  expect(readRowCount(bytes)).toBe(2);
  expect(() => readRowCount(bytes.subarray(0, bytes.length - 1))).toThrow('parquet');
  const path = await written(table, new Map([['socket_el.consumer', 'trades']]));
  const found = await valuesInDuckDb(
    `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${path}')`,
  );
  expect(found).toEqual({ key: ['socket_el.consumer'], value: ['trades'] });
});

test('one query reads files whose types became wider', async () => {
  const first = decodeLines(['{"a":1,"b":"x"}']);
  const second = decodeLines(['{"a":0.5,"c":true}'], {}, first.types);
  const paths = [await written(first), await written(second)];
  const all = `SELECT * FROM read_parquet(${JSON.stringify(paths).replaceAll('"', "'")}, union_by_name = true)`;
  expect(await valuesInDuckDb(all)).toEqual({ a: [1, 0.5], b: ['x', null], c: [null, true] });
});

const literal = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '-0', '1.10', '1e400', '9007199254740993', '1E-7', '"1"'),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => JSON.stringify(date)),
  fc.json(),
);
const few = (values: fc.Arbitrary<string>) => fc.array(values, { minLength: 1, maxLength: 3 });
/** Rows whose columns hold mostly values of one kind, so that each type is met. */
const rows = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), few(literal), { minKeys: 1 })
  .chain((palettes) =>
    fc.array(
      fc
        .shuffledSubarray(Object.keys(palettes))
        .chain((keys) =>
          fc.tuple(
            ...keys.map((key) =>
              fc.constantFrom(...(palettes[key] as string[])).map((raw) => [key, raw] as const),
            ),
          ),
        ),
      { minLength: 1, maxLength: 30 },
    ),
  );

/** Whether a value that DuckDB gives says the same as the JSON that was received. */
function isKept(raw: string, value: DuckDBValue, type: string): boolean {
  const json = JSON.parse(raw) as unknown;
  if (json === null) return value === null;
  if (type === 'BOOLEAN') return json === value;
  if (type === 'BIGINT') return BigInt(raw) === value;
  if (type === 'DOUBLE') return Number(raw) === value && isExactAsDouble(raw);
  if (type === 'JSON') return raw === value;
  if (value instanceof DuckDBTimestampTZValue) return parseRfc3339(json as string) === value.micros;
  return (typeof json === 'string' ? json : raw) === value;
}

test('what DuckDB reads is what went in, to the last digit', async () => {
  const folder = await createTempFolder();
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  let number = 0;
  await fc.assert(
    fc.asyncProperty(rows, async (cells) => {
      const lines = cells.map((row) => `{${row.map(([key, raw]) => `"${key}":${raw}`).join(',')}}`);
      const path = join(folder, `${number++}.parquet`);
      await writeFile(path, encodeParquet(decodeLines(lines), new Map()));
      const result = await connection.runAndReadAll(`SELECT * FROM '${path}'`);
      const names = result.columnNames();
      const types = result.columnTypes().map((type) => type.alias ?? String(type));
      const read = result.getRows();
      expect(read).toHaveLength(cells.length);
      read.forEach((values, row) => {
        const raws = new Map<string, string>(cells[row]);
        for (const [key, raw] of raws) if (!names.includes(key)) expect(raw).toBe('null');
        values.forEach((value, i) => {
          const raw = raws.get(names[i] as string) ?? 'null';
          if (!isKept(raw, value, types[i] as string)) expect.fail(`${raw} became ${types[i]} ${value}`);
        });
      });
    }),
    { numRuns: 300 },
  );
  instance.closeSync();
});
