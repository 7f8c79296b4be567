import { expect } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { drives } from '../support/drives.js';
import { createPipelineBench } from '../support/pipeline-bench.js';

const TRADES = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' };
const QUOTES = { ...TRADES, name: 'quotes', path: 'quotes.ndjson' };
/** Rows of which those without a number are dead letters, as long as the tables want one. */
const FILES = {
  'in.ndjson': '{"id":1,"n":null}\n{"id":4,"n":5}\n{"id":2,"n":null}\n',
  'quotes.ndjson': '{"id":3,"n":null}\n',
};
/** The schema `test` is where nothing was loaded. */
const TWO_PROFILES = ['--profile-file', 'test.yml', '--profile-file', 'other.yml'];

interface Scene {
  readonly database: TestDatabase;
  /** Runs a verb of `dlq` that ends with 0, and gives what it prints. */
  readonly dlq: (verb: string, ...args: readonly string[]) => Promise<string>;
  /** The rows in a table. */
  readonly rows: (table: string) => Promise<readonly unknown[]>;
  /** Lets the tables take rows without a number. */
  readonly permit: () => Promise<unknown>;
}

/** What files hold is loaded into tables of a schema, where three rows are dead letters. */
async function createScene(settings: object = {}, schema = 'test'): Promise<Scene> {
  const database = await createDatabase();
  const tables = ['trades', 'quotes'].map((name) => `${schema}.${name}`);
  const made = tables.map((table) => `CREATE TABLE ${table} (id int8 UNIQUE, n int8 NOT NULL)`);
  await database.query(`CREATE SCHEMA ${schema}; ${made.join(';')}`);
  const profile = database.profile();
  const other = database.profile({ schema });
  const sink = { type: 'producer', variety: 'postgres', depends_on: ['trades', 'quotes'], ...settings };
  const bench = await createPipelineBench({
    config: { runners: [TRADES, QUOTES, { ...sink, name: 'db' }] },
    files: {
      ...FILES,
      'test.yml': JSON.stringify({ postgres: profile }),
      'other.yml': JSON.stringify({ postgres: other }),
    },
    profile,
  });
  await bench.cli(0, 'run', 'config.yml', '--no-progress', '--profile-file', 'other.yml');
  return {
    database,
    dlq: async (verb, ...args) => (await bench.cli(0, 'dlq', verb, 'config.yml', 'db', ...args)).stdout,
    rows: (table) => database.query(`SELECT id::int, n::int FROM ${schema}.${table} ORDER BY id`),
    permit: () =>
      database.query(tables.map((table) => `ALTER TABLE ${table} ALTER n DROP NOT NULL`).join(';')),
  };
}

/** Loads into the schema `other`, of which only a second profile file knows. */
const createElsewhere = (): Promise<Scene> => createScene({}, 'other');

drives('verb dlq ls', 'how many there are, and why', async () => {
  const { dlq } = await createScene();
  const stdout = await dlq('ls');
  expect(stdout).toMatch(/^trades +trades +2 +20\S+Z +.*null/m);
  expect(stdout).toMatch(/^quotes +quotes +1 +20\S+Z +.*null/m);
});

drives('flag dlq ls --consumer', 'those of one consumer', async () => {
  const { dlq } = await createScene();
  const stdout = await dlq('ls', '--consumer', 'quotes');
  expect(stdout).toMatch(/^quotes +quotes +1 /m);
  expect(stdout).not.toContain('trades');
});

drives('flag dlq ls --profile-file', 'the entry of the last file says where', async () => {
  const { dlq } = await createElsewhere();
  expect(await dlq('ls', ...TWO_PROFILES)).toMatch(/^trades +trades +2 /m);
});

drives('flag dlq ls --json', 'one document', async () => {
  const { dlq } = await createScene();
  expect(JSON.parse(await dlq('ls', '--json'))).toMatchObject([
    { consumer: 'trades', target: 'trades', count: 2 },
    { consumer: 'quotes', target: 'quotes', count: 1 },
  ]);
});

drives('verb dlq show', 'each with its reason and its bytes', async () => {
  const { dlq } = await createScene();
  const stdout = await dlq('show');
  expect(stdout).toMatch(/^trades, batch 1, a row of message 3: .*null.*\n {2}\{"id":2,"n":null\}$/m);
  expect(stdout.match(/^ {2}\{"id":\d,"n":null\}$/gm)).toHaveLength(3);
});

drives('flag dlq show --consumer', 'those of one consumer', async () => {
  const { dlq } = await createScene();
  const stdout = await dlq('show', '--consumer', 'quotes');
  expect(stdout).toMatch(/^quotes, batch 1, a row of message 1: .*\n {2}\{"id":3,"n":null\}\n$/);
});

drives('flag dlq show --profile-file', 'the entry of the last file says where', async () => {
  const { dlq } = await createElsewhere();
  expect(await dlq('show', ...TWO_PROFILES)).toContain('\n  {"id":2,"n":null}\n');
});

drives('flag dlq show --json', 'one document', async () => {
  const { dlq } = await createScene();
  const letters = JSON.parse(await dlq('show', '--json')) as { message: number; raw: string }[];
  expect(letters.map(({ message, raw }) => `${message} ${raw}`).sort()).toEqual([
    '1 {"id":1,"n":null}',
    '1 {"id":3,"n":null}',
    '3 {"id":2,"n":null}',
  ]);
});

drives('flag dlq show --limit', 'no more than that, the newest', async () => {
  const { dlq } = await createScene();
  const stdout = await dlq('show', '--consumer', 'trades', '--limit', '1');
  expect(stdout).toMatch(/^trades, .*\n {2}\{"id":2,"n":null\}\n$/);
});

drives('verb dlq replay', 'what the tables take by now is loaded', async () => {
  const { dlq, rows, permit } = await createScene();
  expect(await rows('trades')).toEqual([{ id: 4, n: 5 }]);
  await permit();
  await dlq('replay');
  expect(await rows('trades')).toHaveLength(3);
  expect(await rows('quotes')).toEqual([{ id: 3, n: null }]);
});

drives('flag dlq replay --consumer', 'those of one consumer', async () => {
  const { dlq, rows, permit } = await createScene();
  await permit();
  await dlq('replay', '--consumer', 'quotes');
  expect(await rows('quotes')).toEqual([{ id: 3, n: null }]);
  expect(await rows('trades')).toEqual([{ id: 4, n: 5 }]);
});

drives('flag dlq replay --profile-file', 'the entry of the last file says where', async () => {
  const { dlq, rows, permit } = await createElsewhere();
  await permit();
  await dlq('replay', ...TWO_PROFILES);
  expect(await rows('quotes')).toEqual([{ id: 3, n: null }]);
});

drives('flag dlq replay --json', 'one document', async () => {
  const { dlq, permit } = await createScene();
  await permit();
  expect(JSON.parse(await dlq('replay', '--json'))).toEqual([
    { consumer: 'trades', replayed: 2, rows: 2, remaining: 0 },
    { consumer: 'quotes', replayed: 1, rows: 1, remaining: 0 },
  ]);
});

drives('flag dlq replay --force', 'older rows take the place of newer ones', async () => {
  const scene = await createScene({ write_disposition: 'merge', primary_key: ['id'] });
  await scene.database.query('INSERT INTO test.quotes VALUES (3, 7)');
  await scene.permit();
  await scene.dlq('replay', '--force');
  expect(await scene.rows('quotes')).toEqual([{ id: 3, n: null }]);
});
