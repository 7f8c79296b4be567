import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { startCli } from '../../support/cli.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { until } from '../../support/until.js';

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Runs a file consumer `in` of NDJSON into files below `out`, and gives the folder. */
async function load(lines: string, producer: string, consumer = ''): Promise<string> {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'in.ndjson'), lines);
  await writeFile(
    join(folder, 'c.yml'),
    `runners:
  - {name: in, type: consumer, variety: file, path: in.ndjson${consumer}}
  - {name: files, type: producer, variety: file, depends_on: [in], ${producer}}
`,
  );
  const cli = startCli(['run', 'c.yml', '--no-progress'], { home: folder, cwd: folder });
  await cli.expectExit(0);
  return folder;
}

/** All files below a folder by their path, unfinished ones too. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

async function onlyFile(folder: string): Promise<string> {
  const files = await filesIn(join(folder, 'out'));
  expect(files).toHaveLength(1);
  return readFile(files[0] as string, 'utf8');
}

const ROWS = `{"p":1.10,"id":9007199254740993,"text":"a,\\"b\\"\\n","list":[1, 2],"none":null,"empty":""}
{"id":2,"more":true}
`;

test('NDJSON has the values as they were received, under their names after rename', async () => {
  const folder = await load(ROWS, 'path: out', ', rename: {p: price}');
  expect(await onlyFile(folder)).toBe(ROWS.replace('"p"', '"price"'));
});

test('CSV has a header of all keys, no value as an empty field, and every digit', async () => {
  const folder = await load(ROWS, 'path: out, format: csv');
  expect(await onlyFile(folder)).toBe(
    'p,id,text,list,none,empty,more\n1.10,9007199254740993,"a,""b""\n","[1, 2]",,"",\n,2,,,,,true\n',
  );
});

test('Parquet has types, those of columns: first, and the metadata columns', async () => {
  const folder = await load(
    ROWS,
    'path: out, format: parquet',
    ', columns: {p: float8}, metadata: [received_at, connection]',
  );
  const connection = await (await DuckDBInstance.create()).connect();
  const query = `FROM '${join(folder, 'out/*.parquet')}' SELECT id, p, text, more, received_at IS NOT NULL AS at ORDER BY id`;
  const rows = (await connection.runAndReadAll(query)).getRowObjectsJson();
  connection.closeSync();
  expect(rows).toEqual([
    { id: '2', p: null, text: null, more: true, at: true },
    { id: '9007199254740993', p: 1.1, text: 'a,"b"\n', more: null, at: true },
  ]);
});

test('the path has the table of each row and the day of its reception; what no table takes is set aside', async () => {
  const lines = '{"k":"a","n":1}\n{"k":"b","n":2}\nno json\n{"k":"c","n":3}\n{"k":"a","n":4}\n';
  const folder = await load(
    lines,
    "path: 'out/{table}/dt={date}/h={hour}'",
    ', table: {from: /k, map: {a: apples, b: bananas}}, metadata: [received_at]',
  );
  const files = await filesIn(join(folder, 'out'));
  const places = files.map((file) => file.slice(join(folder, 'out').length + 1).split('/'));
  expect(places.map(([table]) => table)).toEqual(['_dead_letters', 'apples', 'bananas']);
  expect(places[1]?.[1]?.slice(3)).toMatch(DAY);
  expect(places[1]?.[2]).toMatch(/^h=\d\d$/);
  const [dead, apples] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const rows = apples
    ?.trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { n: number; received_at: string });
  expect(rows?.map(({ n }) => n)).toEqual([1, 4]);
  expect(rows?.[0]?.received_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{6}Z$/);
  const letters = dead
    ?.trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { raw: string; message: number });
  expect(letters?.map(({ raw, message }) => [Buffer.from(raw, 'base64').toString(), message])).toEqual([
    ['no json', 3],
    ['{"k":"c","n":3}', 4],
  ]);
});

test('a row is there once however often the run is killed, and nothing unfinished is left', async () => {
  const folder = await createTempFolder();
  const count = 60_000;
  await writeFile(
    join(folder, 'in.ndjson'),
    Array.from({ length: count }, (_, n) => `{"n":${n},"text":"${'x'.repeat(200)}"}\n`).join(''),
  );
  await writeFile(
    join(folder, 'c.yml'),
    `runners:
  - {name: in, type: consumer, variety: file, path: in.ndjson, batch_configuration: {size: 200}}
  - {name: files, type: producer, variety: file, depends_on: [in], path: 'out/{table}'}
`,
  );
  const run = () => startCli(['run', 'c.yml', '--no-progress'], { home: folder, cwd: folder });
  for (const wanted of [3, 15, 30]) {
    const cli = run();
    await until(
      async () => (await filesIn(folder)).filter((file) => file.includes('/out/')).length >= wanted,
      {
        timeoutMs: 20_000,
      },
    );
    cli.signal('SIGKILL');
    await cli.exited;
  }
  await run().expectExit(0);
  const files = await filesIn(join(folder, 'out'));
  expect(files.filter((file) => !file.endsWith('.ndjson'))).toEqual([]);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const numbers = texts.flatMap((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { n: number }).n),
  );
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
}, 90_000);

test('a folder that cannot be written is said at the start, with exit code 3', async () => {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'in.ndjson'), '{"a":1}\n');
  await writeFile(join(folder, 'out'), 'a file, not a folder');
  await writeFile(
    join(folder, 'c.yml'),
    `runners:
  - {name: in, type: consumer, variety: file, path: in.ndjson}
  - {name: files, type: producer, variety: file, depends_on: [in], path: out}
`,
  );
  const cli = startCli(['run', 'c.yml', '--no-progress'], { home: folder, cwd: folder });
  await cli.expectExit(3);
  expect(cli.stderr).toContain(`expected to write files below ${join(folder, 'out')}`);
});

test('what stands in braces and means nothing is an error of the configuration', async () => {
  const folder = await createTempFolder();
  await writeFile(
    join(folder, 'c.yml'),
    `runners:
  - {name: in, type: consumer, variety: file, path: in.ndjson}
  - {name: files, type: producer, variety: file, depends_on: [in], path: 'out/{tabel}'}
`,
  );
  const cli = startCli(['validate', 'c.yml'], { home: folder, cwd: folder });
  await cli.expectExit(2);
  expect(cli.stderr).toContain(
    'expected a folder in which only {table}, {consumer}, {date}, {hour} stand in braces',
  );
});

test('doctor says whether files can be written, and makes none', async () => {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'in.ndjson'), '{"a":1}\n');
  await writeFile(join(folder, 'taken'), 'a file');
  const config = (path: string) => `runners:
  - {name: in, type: consumer, variety: file, path: in.ndjson}
  - {name: files, type: producer, variety: file, depends_on: [in], path: '${path}'}
`;
  await writeFile(join(folder, 'c.yml'), config('deep/out/{table}'));
  const well = startCli(['doctor', 'c.yml'], { home: folder, cwd: folder });
  await well.expectExit(0);
  expect(well.stdout).toContain(`files can be written below ${join(folder, 'deep/out')}`);
  expect(await readdir(folder)).not.toContain('deep');
  await writeFile(join(folder, 'c.yml'), config('taken/out'));
  const ill = startCli(['doctor', 'c.yml'], { home: folder, cwd: folder });
  await ill.expectExit(3);
  expect(ill.stdout).toContain('expected to write files below');
});
