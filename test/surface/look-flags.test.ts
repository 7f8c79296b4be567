import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { drives } from '../support/drives.js';
import { createPipelineBench, type PipelineBench } from '../support/pipeline-bench.js';
import { serveSocket } from '../support/socket-source.js';
import { createPrintingBench } from './printed.js';

const TRADES = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' };
const TWO_ROWS = { 'in.ndjson': '{"n":1}\n{"n":2}\n' };
const PROFILE_PATH = 'home/.socket_el/profile.yml';

const createFileBench = () => createPrintingBench({ variety: 'file', path: 'in.ndjson' }, TWO_ROWS);

/** A pipeline of a file into the schemas `one` and `two` of a database. */
async function createTwoSinks(): Promise<{ database: TestDatabase; bench: PipelineBench }> {
  const database = await createDatabase();
  const sink = { type: 'producer', variety: 'postgres', depends_on: ['trades'] };
  const profileOf = (one: string, two: string) =>
    JSON.stringify({ one: database.profile({ schema: one }), two: database.profile({ schema: two }) });
  const files = {
    ...TWO_ROWS,
    [PROFILE_PATH]: profileOf('one', 'two'),
    'a.yml': profileOf('one_a', 'two_a'),
    'b.yml': profileOf('one_b', 'two_b'),
  };
  const config = {
    runners: [TRADES, { ...sink, name: 'one', profile: 'one' }, { ...sink, name: 'two', profile: 'two' }],
  };
  return { database, bench: await createPipelineBench({ config, files }) };
}

/** Stages the rows and prints what loading them would execute. */
async function ddl(...args: readonly string[]): Promise<string> {
  const { database, bench } = await createTwoSinks();
  await bench.cli(0, 'run', 'config.yml', '--only', 'trades');
  const { stdout } = await bench.cli(0, 'ddl', 'config.yml', ...args);
  expect(await database.query(`SELECT FROM pg_tables WHERE tablename = 'trades'`)).toEqual([]);
  return stdout;
}

/** The tables that statements make. */
function tablesIn(statements: string): readonly string[] {
  const found = statements.matchAll(/CREATE TABLE IF NOT EXISTS "(\w+)"."trades" \("n" int8\)/g);
  return [...found].map(([, schema]) => schema as string);
}

drives('verb doctor', 'the first row is shown, and nothing is staged', async () => {
  const bench = await createFileBench();
  const { stdout } = await bench.cli(0, 'doctor', 'config.yml');
  expect(stdout).toMatch(/n {2}number {3}1\n[\s\S]*nothing stands in the way of a run/);
  expect(await readdir(bench.folder)).not.toContain('stage');
});

drives('flag doctor --only', 'other runners are not looked at', async () => {
  const gone = { ...TRADES, name: 'gone', path: 'gone.ndjson' };
  const bench = await createPipelineBench({ config: { runners: [TRADES, gone] }, files: TWO_ROWS });
  const { stdout } = await bench.cli(0, 'doctor', 'config.yml', '--only', 'trades');
  expect(stdout).not.toContain('gone');
});

drives('flag doctor --profile-file', 'the entries of the last file say what is looked at', async () => {
  const { database, bench } = await createTwoSinks();
  await database.query('CREATE SCHEMA one_b');
  const files = ['a.yml', 'b.yml'].flatMap((file) => ['--profile-file', file]);
  const { stdout } = await bench.cli(0, 'doctor', 'config.yml', ...files);
  expect(stdout).toMatch(/✓ schema one_b of [\s\S]*✓ schema two_b is not there; it would be created/);
});

drives('flag doctor --wait', 'so long is waited for a first row', async () => {
  const { uri } = await serveSocket(() => {});
  const bench = await createPrintingBench({ variety: 'socket', uri });
  const cli = bench.start('doctor', 'config.yml', '--wait', '1s');
  const { afterMs } = await cli.expectExit(3);
  expect(afterMs).toBeGreaterThan(1000);
  expect(afterMs).toBeLessThan(9000);
});

drives('flag doctor --json', 'one document', async () => {
  const { stdout } = await (await createFileBench()).cli(0, 'doctor', 'config.yml', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    runners: [{ name: 'trades', row: [{ name: 'n', kind: 'number', value: '1' }] }, { name: 'screen' }],
  });
});

drives('verb status', 'how much was staged and loaded', async () => {
  const bench = await createFileBench();
  await bench.rows();
  const { stdout } = await bench.cli(0, 'status', 'config.yml');
  expect(stdout).toMatch(/trades +(stopped|ended) +2 [\s\S]*screen +stopped +trades +batch 1 .* nothing/);
});

drives('flag status --json', 'one document', async () => {
  const bench = await createFileBench();
  await bench.rows();
  const { stdout } = await bench.cli(0, 'status', 'config.yml', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    consumers: [{ name: 'trades', messages: 2 }],
    loads: [{ name: 'screen', consumer: 'trades', passed: 1, waiting_batches: 0 }],
  });
});

drives('verb ddl', 'statements that make the tables, not executed', async () => {
  expect(tablesIn(await ddl())).toEqual(['one', 'two']);
});

drives('flag ddl --producer', 'only those of one producer', async () => {
  expect(tablesIn(await ddl('--producer', 'two'))).toEqual(['two']);
});

drives('flag ddl --profile-file', 'the entries of the last file say where', async () => {
  expect(tablesIn(await ddl('--profile-file', 'a.yml', '--profile-file', 'b.yml'))).toEqual([
    'one_b',
    'two_b',
  ]);
});

drives('flag ddl --json', 'one document', async () => {
  expect(JSON.parse(await ddl('--json'))).toMatchObject([
    { producer: 'one', consumer: 'trades', waiting: 2 },
    { producer: 'two', consumer: 'trades', waiting: 2 },
  ]);
});
