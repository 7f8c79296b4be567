import { expect, test } from 'vitest';
import { CONFIG, createVerbBench, type VerbBench } from './verbs.js';

const WRAPPED = ['{"sym":"a","t":[{"id":1},{"id":2}]}', '{"sym":"b","t":[{"at":"x"},{"id":3}]}', 'no json'];
const RIGHT_KEYS = 'records: /t, include: {sym: /sym}';

/** A row without id is a dead letter. */
async function createTable({ database }: VerbBench): Promise<void> {
  await database.query('CREATE SCHEMA test; CREATE TABLE test.trades (sym text, id int8 NOT NULL)');
}

const withKeys = (keys: string) => CONFIG.replace('path: in.ndjson', `path: in.ndjson, ${keys}`);

async function rows({ database }: VerbBench): Promise<unknown[]> {
  return database.query('SELECT sym, id FROM test.trades ORDER BY id');
}

test('dead letters are counted by reason and shown with their bytes', async () => {
  const bench = await createVerbBench(['{"id":1}', 'no json', '[1]', 'nor this']);
  await bench.run();
  expect(await bench.json('dlq', 'ls', 'db')).toMatchObject([
    { consumer: 'trades', target: 'trades', count: 2 },
    { consumer: 'trades', count: 1, reason: expect.stringContaining('expected JSON objects as rows') },
  ]);
  expect(await bench.cli(0, 'dlq', 'ls', 'db')).toMatch(/trades +trades +2 /);
  expect(await bench.cli(0, 'dlq', 'show', 'db', '--limit', '2')).toContain('\n  nor this\n');
  const letters = (await bench.json('dlq', 'show', 'db', '--consumer', 'trades')) as {
    raw: string;
    message: number;
  }[];
  expect(letters.map(({ raw, message }) => [message, raw]).sort()).toEqual([
    [2, 'no json'],
    [3, '[1]'],
    [4, 'nor this'],
  ]);
  expect(await bench.cli(2, 'dlq', 'ls', 'db', '--consumer', 'x')).toContain('it loads trades');
  expect(await bench.cli(2, 'dlq', 'ls', 'screen')).toContain('producers: db');
});

test('a replay loads what fits by now, once, and leaves the rest', async () => {
  const bench = await createVerbBench(WRAPPED);
  await createTable(bench);
  await bench.write({ config: withKeys('records: /trades') });
  await bench.run();
  expect(await bench.database.count('test._socket_el_dead_letters')).toBe(3);
  await bench.write({ config: withKeys(RIGHT_KEYS) });
  const answer = await bench.json('dlq', 'replay', 'db');
  expect(answer, 'of the second message one row is dead by itself').toEqual([
    { consumer: 'trades', replayed: 2, rows: 3, remaining: 2 },
  ]);
  expect(await rows(bench)).toEqual([
    { sym: 'a', id: '1' },
    { sym: 'a', id: '2' },
    { sym: 'b', id: '3' },
  ]);
  expect(await bench.json('dlq', 'replay', 'db')).toMatchObject([{ replayed: 0, rows: 0, remaining: 2 }]);
  expect(await rows(bench)).toHaveLength(3);
});

test('a row by itself comes back with what was included from its message', async () => {
  const bench = await createVerbBench(WRAPPED.slice(0, 2));
  await createTable(bench);
  await bench.write({ config: withKeys(RIGHT_KEYS) });
  await bench.run();
  const [letter] = (await bench.json('dlq', 'show', 'db')) as { is_row: boolean; raw: string }[];
  expect(letter).toMatchObject({ is_row: true, raw: '{"at":"x","sym":"b"}' });
  await bench.database.query('ALTER TABLE test.trades ALTER COLUMN id DROP NOT NULL');
  expect(await bench.json('dlq', 'replay', 'db')).toMatchObject([{ replayed: 1, rows: 1, remaining: 0 }]);
  expect(await rows(bench)).toContainEqual({ sym: 'b', id: null });
});

test('a producer without dead letters says where they are', async () => {
  const bench = await createVerbBench(['1']);
  await bench.write({
    config: CONFIG.replace('name: db', 'name: screen').replace('postgres, profile: postgres', 'console'),
  });
  expect(await bench.cli(2, 'dlq', 'ls', 'screen')).toContain('no dead letters that can be listed');
});
