import { appendFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runnerOf } from '../../support/cli.js';
import { until } from '../../support/until.js';
import { Loading } from './loading.js';

describe('a new table', () => {
  test('gets the narrowest types that keep every value', async () => {
    const loading = await Loading.create();
    const instant = '"2024-02-29T12:00:00.123456+02:00"';
    loading.expectLoaded(
      await loading.load(
        `{"i":1,"big":9223372036854775808,"f":1,"n":9007199254740993,"b":true,"t":${instant},"s":"1.5","o":{"x":1},"l":[1],"m":1,"d":"2024-01-01","z":null}`,
        `{"i":-9223372036854775808,"big":1,"f":0.1,"n":0.5,"b":false,"t":${instant},"s":"x","o":{},"l":[],"m":"x","d":${instant},"z":null}`,
      ),
      2,
    );
    const instants = 'timestamp with time zone';
    const numbers = { i: 'bigint', big: 'numeric', f: 'double precision', n: 'numeric' };
    const others = { b: 'boolean', t: instants, s: 'text', o: 'jsonb', l: 'jsonb', m: 'jsonb', d: 'text' };
    expect(await loading.types()).toEqual({ ...numbers, ...others });
  });

  test('gets a column that was only null once it has a value', async () => {
    const loading = await Loading.create();
    await loading.load('{"a":1,"n":null}');
    expect(await loading.types()).toEqual({ a: 'bigint' });
    await loading.load('{"a":2,"n":true}');
    expect(await loading.types()).toEqual({ a: 'bigint', n: 'boolean' });
    expect(await loading.rows()).toEqual(['{"a":1}', '{"a":2,"n":true}']);
  });

  test('is made for rows without any value', async () => {
    const loading = await Loading.create();
    loading.expectLoaded(await loading.load('{}', '{"a":null}', '{}'), 3);
    expect(await loading.database.count('test.rows')).toBe(3);
  });

  test('keeps number cells that JavaScript would change', async () => {
    const loading = await Loading.create();
    await loading.load('{"n":1.10,"j":[1.10,12345678901234567890]}', '{"n":12345678901234567890.123}');
    const found = await loading.database.query('SELECT n::text, j::text FROM test.rows ORDER BY ctid');
    expect(found).toEqual([
      { n: '1.10', j: '[1.10, 12345678901234567890]' },
      { n: '12345678901234567890.123', j: null },
    ]);
  });

  test('has data under keys that mean something in JavaScript or PostgreSQL', async () => {
    const loading = await Loading.create();
    const keys = [
      '__proto__',
      'constructor',
      'toString',
      'ctid',
      'xmin',
      'tableoid',
      '',
      '_rest',
      'select',
      'a"b',
      '1',
    ];
    const row = `{${keys.map((key, i) => `${JSON.stringify(key)}:${i}`).join(',')}}`;
    loading.expectLoaded(await loading.load(row), 1);
    const [found] = await loading.rows();
    const values = Object.values(JSON.parse(found as string) as Record<string, number>);
    expect(values.sort((a, b) => a - b)).toEqual(keys.map((_, i) => i));
  });

  test('takes the last of a repeated key, as JSON.parse does', async () => {
    const loading = await Loading.create();
    await loading.load('{"a":1,"a":2}', '{"a":"x","b":1,"a":3}');
    expect(await loading.rows()).toEqual(['{"a":2}', '{"a":3,"b":1}']);
  });
});

describe('drift', () => {
  test('adds columns, widens int8 to numeric with the old values, and keeps texts apart in _rest', async () => {
    const loading = await Loading.create();
    await loading.load('{"v":9223372036854775807}');
    await loading.load('{"v":1,"new":"x"}');
    await loading.load('{"v":1.25}');
    await loading.load('{"v":"text"}', '{"v":{"a":1}}', '{"v":[1]}');
    loading.expectLoaded(await loading.load('{"v":12345678901234567890}'), 1);
    expect(await loading.types()).toEqual({ v: 'numeric', new: 'text' });
    expect(await loading.rows()).toEqual([
      '{"v":9223372036854775807}',
      '{"v":1,"new":"x"}',
      '{"v":1.25}',
      '{"_rest":{"v":"text"}}',
      '{"_rest":{"v":{"a":1}}}',
      '{"_rest":{"v":[1]}}',
      '{"v":12345678901234567890}',
    ]);
  });

  test('leaves text that is a number in another spelling out of a number column', async () => {
    const loading = await Loading.create();
    await loading.load('{"zip":10115,"price":1.5}');
    await loading.load('{"zip":"00501","price":"1.10"}', '{"zip":"502","price":"2.5"}');
    expect(await loading.rows()).toEqual([
      '{"zip":10115,"price":1.5}',
      '{"_rest":{"zip":"00501","price":"1.10"}}',
      '{"zip":502,"price":2.5}',
    ]);
  });

  test('within one file comes to the same as in many', async () => {
    const loading = await Loading.create({ consumer: ['batch_configuration: {size: 1}'] });
    const lines = ['{"v":1}', '{"v":1.5}', '{"v":"x"}', '{"w":{}}', '{"w":1}', '{"v":2,"e":1,"E":2}'];
    loading.expectLoaded(await loading.load(...lines), lines.length);
    expect(await loading.database.count('test.rows')).toBe(lines.length);
  });

  test('puts objects into a text column as their JSON', async () => {
    const loading = await Loading.create();
    await loading.load('{"t":"x"}');
    await loading.load('{"t":{"a" : 1.10}}', '{"t":5}');
    expect(await loading.rows()).toEqual(['{"t":"x"}', '{"t":"{\\"a\\" : 1.10}"}', '{"t":"5"}']);
  });

  test('makes two columns of names that differ in case only', async () => {
    const loading = await Loading.create();
    await loading.load('{"e":1}');
    await loading.load('{"E":"two","e":3}');
    expect(await loading.types()).toEqual({ e: 'bigint', E: 'text' });
  });

  test('keeps apart names that are alike over 63 bytes', async () => {
    const loading = await Loading.create();
    const long = 'ü'.repeat(40);
    loading.expectLoaded(await loading.load(`{"${long}a":1,"${long}b":2}`), 1);
    const types = await loading.types();
    expect(Object.keys(types)).toHaveLength(2);
  });

  test('puts keys beyond max_columns into _rest', async () => {
    const loading = await Loading.create();
    const row = Object.fromEntries(Array.from({ length: 1700 }, (_, i) => [`k${i}`, i]));
    loading.expectLoaded(await loading.load(JSON.stringify(row), '{"k1":5,"k1699":6}'), 2);
    const found = await loading.database.query<{ row: Record<string, unknown> }>(
      'SELECT jsonb_strip_nulls(to_jsonb(r) - $1 || coalesce(_rest, $2)) AS row FROM test.rows r ORDER BY ctid',
      ['_rest', {}],
    );
    expect(found.map((each) => each.row)).toEqual([row, { k1: 5, k1699: 6 }]);
    const columns = Object.keys(await loading.types());
    expect(columns.length).toBeLessThanOrEqual(200);
    expect(columns.length).toBeGreaterThan(190);
  });

  test('does not wait for a view that uses the column: the value goes into _rest', async () => {
    const loading = await Loading.create();
    await loading.load('{"v":1}');
    await loading.database.query('CREATE VIEW test.seen AS SELECT v FROM test.rows');
    loading.expectLoaded(await loading.load('{"v":1.5}', '{"v":2}'), 2);
    expect(await loading.rows()).toEqual(['{"v":1}', '{"_rest":{"v":1.5}}', '{"v":2}']);
  });
});

describe('an existing table', () => {
  test('has its own types win, and its defaults, serials and generated columns work', async () => {
    const loading = await Loading.create();
    await loading.database.query(`CREATE TABLE test.rows (id serial PRIMARY KEY, a int4 NOT NULL, t text DEFAULT 'none',
      n numeric(10,2), twice int8 GENERATED ALWAYS AS (a * 2) STORED)`);
    loading.expectLoaded(await loading.load('{"a":1}', '{"a":2,"n":1.5}'), 2);
    expect(await loading.rows()).toEqual([
      '{"id":1,"a":1,"t":"none","twice":2}',
      '{"id":2,"a":2,"t":"none","n":1.50,"twice":4}',
    ]);
  });

  test('makes a row without a required value a dead letter that names the column, and loads the others', async () => {
    const loading = await Loading.create();
    await loading.database.query('CREATE TABLE test.rows (a int8 NOT NULL, b int8)');
    loading.expectLoaded(await loading.load('{"a":1}', '{"b":2}', '{"a":"x","b":3}', '{"a":4}'), 2, 2);
    expect(await loading.deadLetters()).toMatchObject([
      { raw: '{"b":2}', reason: expect.stringContaining('"a"') },
      { raw: '{"a":"x","b":3}', reason: expect.stringContaining('"a"') },
    ]);
  });

  test.each([
    ['date', '"2024-02-30"'],
    ['uuid', '"123e4567"'],
    ['float4', '1.23456789'],
    ['bytea', '"hello"'],
    ['text[]', '"a"'],
    ['varchar(3)', '"toolong"'],
    ['char(2)', '"abc"'],
    ['interval', '5'],
  ])('keeps a value that a column of type %s does not hold in _rest', async (type, json) => {
    const loading = await Loading.create();
    await loading.database.query(`CREATE TABLE test.rows (a int8, x ${type})`);
    loading.expectLoaded(await loading.load(`{"a":1,"x":${json}}`, '{"a":2}'), 2);
    const [row] = await loading.rows();
    expect(JSON.parse(row as string)).toEqual({ a: 1, _rest: { x: JSON.parse(json) } });
  });

  test('keeps a value for a generated column in _rest', async () => {
    const loading = await Loading.create();
    await loading.database.query(
      `CREATE TABLE test.rows (a int8, g int8 GENERATED ALWAYS AS (a + 1) STORED)`,
    );
    loading.expectLoaded(await loading.load('{"a":1,"g":7}'), 1);
    expect(await loading.rows()).toEqual(['{"a":1,"g":2,"_rest":{"g":7}}']);
  });

  test('that has a column _rest of another type gets every row it can hold, and is not blocked', async () => {
    const loading = await Loading.create();
    await loading.database.query('CREATE TABLE test.rows (a int8, _rest text)');
    loading.expectLoaded(await loading.load('{"a":1}'), 1);
    expect(await loading.rows()).toEqual(['{"a":1}']);
  });
});

describe('decoding', () => {
  test('renames keys, and of two that meet in one column keeps the second in _rest', async () => {
    const loading = await Loading.create({ consumer: ['rename: {p: price, q: price}'] });
    loading.expectLoaded(await loading.load('{"p":1}', '{"q":2}', '{"p":3,"q":4}', '{"price":5,"p":6}'), 4);
    expect(await loading.rows()).toEqual([
      '{"price":1}',
      '{"price":2}',
      '{"price":3,"_rest":{"q":4}}',
      '{"price":5,"_rest":{"p":6}}',
    ]);
  });

  test('adds what is asked for by metadata, and keeps keys of that name apart', async () => {
    const loading = await Loading.create({ consumer: ['metadata: [received_at, connection]'] });
    const before = Date.now();
    loading.expectLoaded(await loading.load('{"a":1,"received_at":"mine","connection":"too"}'), 1);
    const [row] = await loading.database.query<Record<string, unknown>>('SELECT * FROM test.rows');
    expect(row).toMatchObject({ a: '1', connection: '0' });
    expect(Number(row?.['received_at'])).toBeGreaterThanOrEqual(before - 1);
    expect(JSON.stringify(row)).toContain('"mine"');
    expect(JSON.stringify(row)).toContain('"too"');
  });

  test('says which line makes numbers of text that looks like them', async () => {
    const loading = await Loading.create();
    await loading.append('{"p":"1.50","id":"x7","n":1}', '{"p":"-2","id":"8","n":2}');
    const stderr = await loading.runForErrors(0);
    expect(stderr).toContain('columns: {"p": numeric}');
    expect(await loading.types()).toMatchObject({ p: 'text', id: 'text' });
  });

  test('takes text as rows with one key, and what is no text as dead letters', async () => {
    const loading = await Loading.create({ consumer: ['decode: text', 'metadata: [connection]'] });
    const lines = ['8=FIX.4.4|35=0', '{"a":1}', '"quoted" \\ ü😀', '  '];
    loading.expectLoaded(await loading.load(...lines), 4);
    expect((await loading.rows()).map((row) => JSON.parse(row))).toEqual(
      lines.map((message) => ({ message, connection: 0 })),
    );
    await appendFile(loading.file, Buffer.from([0x66, 0xff, 0x0a]));
    loading.expectLoaded(await loading.load(), 0, 1);
  });

  test('leaves a metadata column of another type alone', async () => {
    const loading = await Loading.create({ consumer: ['metadata: [received_at, connection]'] });
    await loading.database.query('CREATE TABLE test.rows (a int8, received_at int8, connection float8)');
    await loading.load('{"a":1}');
    expect(await loading.rows()).toEqual(['{"a":1}']);
  });

  test('gives a column the type of columns:, with the unit of its numbers', async () => {
    const columns = 'columns: {T: {type: timestamptz, unit: ms}, price: numeric, id: text}';
    const loading = await Loading.create({ consumer: [columns] });
    loading.expectLoaded(await loading.load('{"T":1704067200123,"price":"1.10","id":7}', '{"T":"soon"}'), 2);
    const types = { T: 'timestamp with time zone', price: 'numeric', id: 'text' };
    expect(await loading.types()).toEqual(types);
    const found = await loading.database.query(
      `SELECT extract(epoch FROM "T")::text AS t, price::text, id, _rest::text AS rest FROM test.rows ORDER BY ctid`,
    );
    expect(found).toEqual([
      { t: '1704067200.123000', price: '1.10', id: '7', rest: null },
      { t: null, price: null, id: null, rest: '{"T": "soon"}' },
    ]);
  });

  test('finds records, includes what stands around them, and passes over what is to be ignored', async () => {
    const loading = await Loading.create({
      consumer: ['records: /events/*/trades', 'include: {symbol: /product}', 'ignore: [{/type: heartbeat}]'],
    });
    const message =
      '{"product":"BTC","events":[{"trades":[{"p":1},{"p":2}]},{"trades":[]},{"trades":[{"p":3}]}]}';
    const summary = await loading.load(
      message,
      '{"type":"heartbeat"}',
      '{"product":"ETH","events":[]}',
      '{"other":1}',
    );
    expect(summary).toMatchObject({ loaded: 3, ignored: 1, dead: 1 });
    expect(await loading.rows()).toEqual([
      '{"p":1,"symbol":"BTC"}',
      '{"p":2,"symbol":"BTC"}',
      '{"p":3,"symbol":"BTC"}',
    ]);
  });
});

describe('a poisonous value never blocks the line', () => {
  test.each([
    ['U+0000 in a text', '{"a":1,"t":"x\\u0000y"}'],
    ['U+0000 in an object', '{"a":1,"o":{"k":["\\u0000"]}}'],
    ['U+0000 in a key of an object', '{"a":1,"o":{"\\u0000":1}}'],
  ])('%s becomes a dead letter with the reason', async (_, poison) => {
    const loading = await Loading.create();
    await loading.load('{"a":0,"t":"x","o":{}}');
    loading.expectLoaded(await loading.load('{"a":1}', poison, '{"a":2}'), 2, 1);
    expect(await loading.deadLetters()).toEqual([{ raw: poison, reason: expect.stringContaining('U+0000') }]);
  });

  test.each([
    ['a number of more digits than PostgreSQL holds', '{"a":1e131072}'],
    ['the same in an object', '{"o":{"n":1e131072}}'],
    ['a zero with a huge exponent in a numeric column', '{"n":0e999999999}'],
    ['U+0000 in a key', '{"a\\u0000b":1}'],
    ['U+0000 in a key whose column is taken', '{"a_b":1,"a\\u0000b":2}'],
    ['an instant beyond PostgreSQL', '{"t":"9999-12-31T23:59:59.999999-23:59"}'],
    ['a key of a million letters', `{"${'k'.repeat(1_000_000)}":1}`],
    ['a text of ten million letters', `{"s":"${'x'.repeat(10_000_000)}"}`],
  ])('%s ends as a row or as a dead letter', async (_, poison) => {
    const loading = await Loading.create();
    await loading.database.query('CREATE TABLE test.rows (a int8, n numeric, t timestamptz)');
    const summary = await loading.load('{"a":1}', poison, '{"a":2}');
    expect(summary).toMatchObject({ status: 'succeeded', rows: 3, restarts: 0 });
    const others = await loading.database.query('SELECT a FROM test.rows WHERE a IN (1, 2)');
    expect(others).toHaveLength(2);
  });

  test.each(['first', 'middle', 'last', 'all'])('%s of the lines: exactly those are dead', async (where) => {
    const loading = await Loading.create();
    const isPoison = (i: number) => where === 'all' || i === { first: 0, middle: 5, last: 9 }[where];
    const lines = Array.from({ length: 10 }, (_, i) => (isPoison(i) ? `{"n":${i}` : `{"n":${i}}`));
    const dead = lines.filter((_, i) => isPoison(i));
    loading.expectLoaded(await loading.load(...lines), 10 - dead.length, dead.length);
    expect((await loading.deadLetters()).map(({ raw }) => raw)).toEqual(dead);
  });
});

describe('a file that was loaded', () => {
  test('loads nothing the second time, and of one that has grown only what is new', async () => {
    const loading = await Loading.create();
    loading.expectLoaded(await loading.load('{"a":1}', '{"a":2}'), 2);
    loading.expectLoaded(await loading.load(), 0);
    loading.expectLoaded(await loading.load('{"a":3}'), 1);
    expect(await loading.rows()).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
  });

  test.each([
    ['shorter', ['{"a":9}']],
    ['longer and other', ['{"a":9}', '{"a":8}', '{"a":7}', '{"a":6}']],
  ])('and was replaced by one that is %s ends with exit 1 and says so', async (_, lines) => {
    const loading = await Loading.create();
    await loading.load('{"a":1}', '{"a":2}');
    await loading.replace(...lines);
    expect(await loading.runForErrors(1)).toMatch(
      /expected the file that was read up to byte 16, got another/,
    );
    expect(await loading.rows()).toEqual(['{"a":1}', '{"a":2}']);
  });
});

test('a column that somebody drops, retypes or adds between two runs is planned anew', async () => {
  const loading = await Loading.create();
  await loading.load('{"a":1,"b":1}');
  await loading.database.query(
    'ALTER TABLE test.rows DROP COLUMN b, ALTER COLUMN a TYPE text, ADD COLUMN c bool',
  );
  loading.expectLoaded(await loading.load('{"a":2,"b":2,"c":true}'), 1);
  expect((await loading.rows())[1]).toBe('{"a":"2","c":true,"b":2}');
});

test('a table that somebody holds locked for a while gets its rows once, afterwards', async () => {
  const loading = await Loading.create();
  await loading.load('{"a":1}');
  await loading.database.query('BEGIN; LOCK TABLE test.rows IN ACCESS EXCLUSIVE MODE');
  const load = loading.load('{"a":2}');
  load.catch(() => {});
  const waiting = 'SELECT 1 FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
  const isWaiting = async () => (await loading.database.query(waiting, ['test.rows'])).length > 0;
  await until(isWaiting, { timeoutMs: 8000 });
  await loading.database.query('COMMIT');
  loading.expectLoaded(await load, 1);
  expect(await loading.rows()).toEqual(['{"a":1}', '{"a":2}']);
});

test('the ledger has one line for each batch, with the rows that it brought', async () => {
  const loading = await Loading.create({ consumer: ['batch_configuration: {size: 2}'] });
  const summary = await loading.load('{"a":1}', '{"a":2}', '{"a":3}');
  const ledger = await loading.database.query<{ rows: string; messages: string }>(
    'SELECT rows, messages FROM test._socket_el_loads ORDER BY seq',
  );
  const sum = (key: 'rows' | 'messages') => ledger.reduce((total, line) => total + Number(line[key]), 0);
  expect(ledger).toHaveLength(summary.batches);
  expect([sum('rows'), sum('messages')]).toEqual([3, 3]);
});

test('a run whose cursor is lost loads nothing twice', async () => {
  const loading = await Loading.create();
  await loading.load('{"a":1}', '{"a":2}');
  await loading.loseCursor('postgres');
  const summary = runnerOf(await loading.run(0), 'postgres');
  expect(summary).toMatchObject({ loaded: 0, duplicates_skipped: 2 });
  expect(await loading.database.count('test.rows')).toBe(2);
});

test('a target that does not hold what the cursor has passed blocks the load and says how to load again', async () => {
  const loading = await Loading.create();
  await loading.load('{"a":1}');
  await loading.database.query('DROP SCHEMA test CASCADE');
  await loading.append('{"a":2}');
  const stderr = await loading.runBlocked();
  expect(stderr).toMatch(/expected its ledger to hold batch 1 of rows, which was loaded before; it does not/);
  await loading.obey(stderr);
  await loading.run(0);
  expect(await loading.rows()).toEqual(['{"a":1}', '{"a":2}']);
});

test('a table that is gone while the ledger says it has rows blocks the load and says how to load again', async () => {
  const loading = await Loading.create();
  await loading.load('{"a":1}');
  await loading.database.query('DROP TABLE test.rows');
  await loading.append('{"a":2}');
  const stderr = await loading.runBlocked();
  expect(stderr).toMatch(/expected the table "test"."rows"/);
  await loading.obey(stderr);
  await loading.run(0);
  expect(await loading.rows()).toEqual(['{"a":1}', '{"a":2}']);
});
