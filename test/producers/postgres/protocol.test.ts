import { expect, test } from 'vitest';
import { until } from '../../support/until.js';
import { Loading } from './loading.js';

const LEDGER = 'test._socket_el_loads';

test('of a group that has grown since it was committed only what is new is loaded', async () => {
  const loading = await Loading.create({ consumer: ['batch_configuration: {size: 2}'] });
  await loading.load('{"a":1}', '{"a":2}', '{"a":3}');
  // As after a crash between COMMIT and cursor.
  await loading.loseCursor('postgres');
  expect(await loading.load('{"a":4}', '{"a":5}')).toMatchObject({
    status: 'succeeded',
    messages: 5,
    loaded: 2,
    duplicates_skipped: 3,
  });
  expect(await loading.rows()).toEqual([1, 2, 3, 4, 5].map((a) => `{"a":${a}}`));
});

test.each([
  ['float8', '{"a":1}', '{"a":2}'],
  ['timestamptz', '{"a":1}', '{"_rest":{"a":2}}'],
  ['text', '{"a":"1"}', '{"a":"2"}'],
])(
  'a column that becomes %s between plan and COPY is planned anew, and no byte is taken for another type',
  async (type, first, second) => {
    const loading = await Loading.create();
    await loading.load('{"a":1}');
    // The load has planned when it comes to the ledger, and waits there.
    await loading.database.query(`BEGIN; LOCK TABLE ${LEDGER} IN SHARE MODE`);
    const load = loading.load('{"a":2}');
    load.catch(() => {});
    const waiting = 'SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
    await until(async () => (await loading.database.query(waiting, [LEDGER])).length > 0, {
      timeoutMs: 8000,
    });
    const using = type === 'timestamptz' ? 'to_timestamp(a)' : `a::${type}`;
    await loading.database.query(`ALTER TABLE test.rows ALTER COLUMN a TYPE ${type} USING ${using}; COMMIT`);
    loading.expectLoaded(await load, 1);
    const rows = await loading.rows();
    if (type !== 'timestamptz') expect(rows[0]).toBe(first);
    expect(rows[1]).toBe(second);
  },
);

test('a database restored from an older copy blocks the load, and the command it names loads what is missing once', async () => {
  const loading = await Loading.create();
  await loading.load('{"a":1}');
  await loading.database.query(
    `CREATE TABLE old_rows AS TABLE test.rows; CREATE TABLE old_loads AS TABLE ${LEDGER}`,
  );
  await loading.load('{"a":2}');
  await loading.database.query(`
    BEGIN; TRUNCATE test.rows, ${LEDGER};
    INSERT INTO test.rows TABLE old_rows; INSERT INTO ${LEDGER} TABLE old_loads; COMMIT`);
  await loading.append('{"a":3}');
  const stderr = await loading.runBlocked();
  expect(stderr).toMatch(/expected its ledger to hold batch 2 of rows, which was loaded before; it does not/);
  await loading.obey(stderr);
  await loading.run(0);
  expect(await loading.rows()).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
});

test('a large table is not rewritten to widen a column; what does not fit goes into _rest', async () => {
  const loading = await Loading.create({ producer: ['widen_limit: 2'] });
  await loading.load('{"a":1}', '{"a":2}');
  loading.expectLoaded(await loading.load('{"a":12345678901234567890}'), 1);
  expect(await loading.types()).toEqual({ a: 'numeric' });
  loading.expectLoaded(await loading.load('{"a":2}'), 1);
  await loading.database.query('ALTER TABLE test.rows ALTER COLUMN a TYPE int8 USING 7');
  loading.expectLoaded(await loading.load('{"a":12345678901234567890}'), 1);
  expect((await loading.rows()).at(-1)).toBe('{"_rest":{"a":12345678901234567890}}');
});

test('what needs a change of a table that somebody has locked goes into _rest, and the batch is loaded', async () => {
  const loading = await Loading.create();
  await loading.database.query('CREATE TABLE test.rows (a int8, _rest jsonb)');
  // Who reads does not hinder a load, but a change of the table.
  await loading.database.query('BEGIN; LOCK TABLE test.rows IN ACCESS SHARE MODE');
  loading.expectLoaded(await loading.load('{"a":1,"b":2}'), 1);
  await loading.database.query('COMMIT');
  expect(await loading.rows()).toEqual(['{"a":1,"_rest":{"b":2}}']);
  loading.expectLoaded(await loading.load('{"a":2,"b":3}'), 1);
  expect((await loading.rows()).at(-1)).toBe('{"a":2,"b":3}');
});
