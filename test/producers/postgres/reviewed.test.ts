import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { runnerOf, startCli } from '../../support/cli.js';
import { createDatabase } from '../../support/database.js';
import { createWorkspace } from '../../support/workspace.js';
import { Loading } from './loading.js';

const TWO_PRODUCERS = `runners:
  - {name: rows, type: consumer, variety: file, path: rows.ndjson}
  - {name: history, type: producer, variety: postgres, depends_on: [rows]}
  - name: latest
    type: producer
    variety: postgres
    depends_on: [rows]
    tables: {rows: {table: newest, write_disposition: merge, primary_key: [id]}}
`;

test('a producer replays and forgets what is its own, and nothing of another one of the same stage', async () => {
  const database = await createDatabase();
  const workspace = await createWorkspace(TWO_PRODUCERS, database.profile());
  const { configPath, home, cwd } = workspace;
  const verb = async (...args: string[]) => startCli(args, { home, cwd }).expectExit(0);
  await writeFile(join(dirname(configPath), 'rows.ndjson'), '{"id":1,"a":1}\n{"a":2}\n');
  const first = workspace.run();
  await first.expectExit(0);
  expect(runnerOf(first.summary(), 'latest')).toMatchObject({ loaded: 1, dead: 1 });
  await verb('dlq', 'replay', configPath, 'history');
  expect(await database.count('test.rows'), 'the row is there already').toBe(2);
  expect(await database.count('test._socket_el_dead_letters')).toBe(1);
  await verb('stage', 'replay', configPath, 'history', '--again');
  const second = workspace.run();
  await second.expectExit(0);
  expect(await database.count('test.rows')).toBe(4);
  expect(await database.count('test.newest')).toBe(1);
  expect(await database.count('test._socket_el_dead_letters')).toBe(1);
});

test('the search for refused rows passes over what the sink holds already', async () => {
  const loading = await Loading.create();
  await loading.database.query('CREATE TABLE test.rows (id int8 PRIMARY KEY, v int8 CHECK (v > 0))');
  await loading.load(...Array.from({ length: 50 }, (_, i) => `{"id":${i},"v":1}`));
  await loading.loseCursor('postgres');
  const summary = await loading.load('{"id":100,"v":1}', '{"id":101,"v":-1}');
  expect(summary).toMatchObject({ status: 'succeeded', loaded: 1, dead: 1, duplicates_skipped: 50 });
});

test('a default of another type than its column does not change what other rows have', async () => {
  const loading = await Loading.create();
  await loading.database.query(`CREATE TABLE test.rows (n int8, id text DEFAULT gen_random_uuid(), at timestamp DEFAULT now(),
    price numeric DEFAULT random())`);
  const given = '{"n":1,"id":"x","at":"2024-03-31T02:30:00","price":0.1234567890123456789}';
  loading.expectLoaded(await loading.load(given, '{"n":2}'), 2);
  const found = await loading.database.query(
    'SELECT id, at::text, price::text FROM test.rows WHERE n = 1 UNION ALL SELECT NULL, NULL, NULL FROM test.rows WHERE n = 2 AND length(id) = 36 AND at IS NOT NULL',
  );
  expect(found).toEqual([
    { id: 'x', at: '2024-03-31 02:30:00', price: '0.1234567890123456789' },
    { id: null, at: null, price: null },
  ]);
});

test('rows without any value are rows', async () => {
  const loading = await Loading.create();
  await loading.database.query('CREATE TABLE test.rows (a int8, b int8 DEFAULT 3)');
  loading.expectLoaded(await loading.load('{}', '{"a":null}'), 2);
  expect(await loading.rows()).toEqual(['{"b":3}', '{"b":3}']);
});

test('a merge takes keys that no statement may have', async () => {
  const loading = await Loading.create({ producer: ['write_disposition: merge', 'primary_key: [id]'] });
  await loading.database.query('CREATE TABLE test.rows (id int8 PRIMARY KEY, a date, _rest jsonb)');
  const lines = ['{"id":1,"a\\u0000b":2,"_socket_el_n":3,"a":"no"}', '{"id":1,"a\\u0000b":4}'];
  expect(await loading.load(...lines)).toMatchObject({ status: 'succeeded', loaded: 1, merged: 1, dead: 0 });
  expect((await loading.rows())[0]).toContain('"_rest":{"a":"no"}');
});

test('the command that helps helps also when the stage was pruned', async () => {
  const loading = await Loading.create({ consumer: ['stage: {path: stage, retain: {for: 0s}}'] });
  await loading.load('{"a":1}');
  await loading.cli('stage', 'prune', 'rows').catch(() => '');
  await loading.database.query('DROP SCHEMA test CASCADE');
  await loading.append('{"a":2}');
  const stderr = await loading.runBlocked();
  await loading.obey(stderr);
  await loading.run(0);
  expect((await loading.rows()).at(-1)).toBe('{"a":2}');
});
