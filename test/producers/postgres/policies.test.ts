import { describe, expect, test } from 'vitest';
import { Loading } from './loading.js';

const MERGE = ['write_disposition: merge', 'primary_key: [id]'];

describe('merge', () => {
  test('updates the row of a key: null sets, an absent key keeps, and a group is as if its rows came one by one', async () => {
    const loading = await Loading.create({ producer: MERGE });
    const first = await loading.load('{"id":1,"a":1,"b":"x"}', '{"id":2,"a":2,"b":"y"}', '{"id":1,"b":"z"}');
    expect(first).toMatchObject({ status: 'succeeded', rows: 3, loaded: 2, merged: 1 });
    expect((await loading.rows()).sort()).toEqual(['{"id":1,"a":1,"b":"z"}', '{"id":2,"a":2,"b":"y"}']);
    const lines = ['{"id":2,"a":null}', '{"id":3,"b":"n"}', '{"id":1,"a":7}', '{"id":1,"c":true}'];
    const second = await loading.load(...lines);
    expect(second).toMatchObject({ status: 'succeeded', rows: 4, loaded: 3, merged: 1 });
    expect((await loading.rows()).sort()).toEqual([
      '{"id":1,"a":7,"b":"z","c":true}',
      '{"id":2,"b":"y"}',
      '{"id":3,"b":"n"}',
    ]);
  });

  test('folds _rest too: what came later takes the place of what was there, in a column or not', async () => {
    const loading = await Loading.create({ producer: MERGE, consumer: ['rename: {p: price}'] });
    await loading.database.query(
      'CREATE TABLE test.rows (id int8 PRIMARY KEY, price date, made int8 DEFAULT 5, _rest jsonb)',
    );
    await loading.load('{"id":1,"p":"soon"}', '{"id":2,"p":"2024-01-02"}', '{"id":1,"made":"x"}', '{"id":3}');
    expect((await loading.rows()).sort()).toEqual([
      '{"id":1,"_rest":{"p":"soon","made":"x"}}',
      '{"id":2,"price":"2024-01-02","made":5}',
      '{"id":3,"made":5}',
    ]);
    await loading.load(
      '{"id":1,"p":"2024-01-01"}',
      '{"id":2,"p":"late"}',
      '{"id":2,"p":"later"}',
      '{"id":3,"made":9}',
    );
    expect((await loading.rows()).sort()).toEqual([
      '{"id":1,"price":"2024-01-01","_rest":{"made":"x"}}',
      '{"id":2,"made":5,"_rest":{"p":"later"}}',
      '{"id":3,"made":9}',
    ]);
  });

  test('makes a row without its key a dead letter', async () => {
    const loading = await Loading.create({ producer: MERGE });
    loading.expectLoaded(await loading.load('{"id":1}', '{"a":2}', '{"id":null,"a":3}'), 1, 2);
    expect(await loading.deadLetters()).toMatchObject([{ raw: '{"a":2}' }, { raw: '{"id":null,"a":3}' }]);
  });

  test('works by a key of several columns, in a table with types of its own', async () => {
    const loading = await Loading.create({
      producer: ['write_disposition: merge', 'primary_key: [venue, at]'],
    });
    await loading.database.query(
      `CREATE TABLE test.rows (at interval, venue varchar(5), n numeric(6,2), twice numeric GENERATED ALWAYS AS (n * 2) STORED,
       UNIQUE (venue, at))`,
    );
    const lines = ['{"at":"1 day","venue":"x","n":1.10}', '{"at":"24:00","venue":"x","n":2.5}'];
    await loading.load(...lines, '{"venue":"x","at":"1 day","n":3}');
    expect((await loading.rows()).sort()).toEqual(['{"at":"1 day","venue":"x","n":3.00,"twice":6.00}']);
  });

  test('is not done again with old batches or letters, unless that is forced', async () => {
    const loading = await Loading.create({ producer: MERGE });
    await loading.load('{"id":1,"a":1}', '{"a":5}');
    await loading.load('{"id":1,"a":2}');
    await expect(loading.cli('stage', 'replay', 'postgres', '--again')).rejects.toThrow('expected --force');
    await expect(loading.cli('dlq', 'replay', 'postgres')).rejects.toThrow('expected --force');
    await loading.cli('dlq', 'replay', 'postgres', '--force');
    await loading.cli('stage', 'replay', 'postgres', '--again', '--force', '--from', '2');
    expect(await loading.load()).toMatchObject({ loaded: 1, duplicates_skipped: 0 });
    expect(await loading.rows()).toEqual(['{"id":1,"a":2}']);
  });

  test('says what an existing table lacks, with the statement that helps', async () => {
    const loading = await Loading.create({ producer: MERGE });
    await loading.database.query('CREATE TABLE test.rows (id int8, a int8)');
    await loading.append('{"id":1,"a":1}');
    const stderr = await loading.runForErrors(3);
    const [, statement = ''] = /run as its owner: (CREATE UNIQUE INDEX .*;)/.exec(stderr) ?? [];
    await loading.database.query(statement);
    await loading.run(0);
    expect(await loading.rows()).toEqual(['{"id":1,"a":1}']);
  });
});

describe('replace', () => {
  const REPLACE = ['write_disposition: replace'];

  test('puts each set in the place of the rows before, an empty one too', async () => {
    const loading = await Loading.create({ producer: REPLACE });
    loading.expectLoaded(await loading.load('{"a":1}', '{"a":2}'), 2);
    await loading.replace('{"a":3}');
    await loading.run(0);
    expect(await loading.rows()).toEqual(['{"a":3}']);
    await loading.replace();
    await loading.run(0);
    expect(await loading.rows()).toEqual([]);
    await loading.replace('{"a":4,"b":"new"}');
    await loading.run(0);
    expect(await loading.rows()).toEqual(['{"a":4,"b":"new"}']);
  });

  test('has the dead letters of the set that is there, and a replay of them adds to it', async () => {
    const loading = await Loading.create({ producer: REPLACE });
    await loading.database.query('CREATE TABLE test.rows (a int8 CHECK (a > 0))');
    loading.expectLoaded(await loading.load('{"a":1}', '{"a":-1}', 'x'), 1, 2);
    await loading.replace('{"a":2}', '{"a":-2}');
    await loading.run(0);
    expect((await loading.deadLetters()).map(({ raw }) => raw)).toEqual(['{"a":-2}']);
    await loading.database.query('ALTER TABLE test.rows DROP CONSTRAINT rows_a_check');
    await loading.cli('dlq', 'replay', 'postgres');
    expect(await loading.rows()).toEqual(['{"a":2}', '{"a":-2}']);
    expect(await loading.deadLetters()).toEqual([]);
  });

  test('empties a table that was there before anything was loaded', async () => {
    const loading = await Loading.create({ producer: REPLACE });
    await loading.database.query('CREATE TABLE test.rows (a int8); INSERT INTO test.rows VALUES (1), (2)');
    await loading.replace();
    await loading.run(0);
    expect(await loading.rows()).toEqual([]);
  });

  test('takes a set that is larger than any batch in one', async () => {
    const loading = await Loading.create({
      producer: REPLACE,
      consumer: ['batch_configuration: {size: 10, bytes: 1KiB}'],
    });
    const lines = Array.from({ length: 5000 }, (_, i) => `{"a":${i}}`);
    loading.expectLoaded(await loading.load(...lines), 5000);
    expect(
      await loading.database.query('SELECT count(DISTINCT xmin::text)::int AS n FROM test.rows'),
    ).toEqual([{ n: 1 }]);
  });
});

describe('schema_contract', () => {
  const drifted = ['{"a":1}', '{"a":"x"}', '{"a":2,"b":3}', '{"a":4}'];
  const create = async (contract: string) => {
    const loading = await Loading.create({ producer: [`schema_contract: ${contract}`] });
    await loading.database.query('CREATE TABLE test.rows (a int8)');
    return loading;
  };

  test('freeze makes rows that the table has no place for dead letters', async () => {
    const loading = await create('freeze');
    loading.expectLoaded(await loading.load(...drifted), 2, 2);
    expect(await loading.rows()).toEqual(['{"a":1}', '{"a":4}']);
    expect(await loading.deadLetters()).toMatchObject([
      { raw: '{"a":"x"}', reason: expect.stringContaining('"a"') },
      { raw: '{"a":2,"b":3}', reason: expect.stringContaining('"b"') },
    ]);
    expect(await loading.types()).toEqual({ a: 'bigint' });
  });

  test('freeze makes no table', async () => {
    const loading = await Loading.create({ producer: ['schema_contract: freeze'] });
    await loading.append('{"a":1}');
    expect(await loading.runForErrors(3)).toContain('schema_contract: freeze makes none');
  });

  test('discard_row drops and counts them', async () => {
    const loading = await create('discard_row');
    expect(await loading.load(...drifted)).toMatchObject({
      status: 'succeeded',
      rows: 4,
      loaded: 2,
      discarded: 2,
      dead: 0,
    });
    expect(await loading.rows()).toEqual(['{"a":1}', '{"a":4}']);
  });

  test('discard_value leaves the value out', async () => {
    const loading = await create('discard_value');
    loading.expectLoaded(await loading.load(...drifted), 4);
    expect(await loading.rows()).toEqual(['{"a":1}', '{}', '{"a":2}', '{"a":4}']);
    expect(await loading.types()).toEqual({ a: 'bigint' });
  });

  test('what discards makes a table that is not there, and then changes nothing of it', async () => {
    const loading = await Loading.create({ producer: ['schema_contract: discard_value'] });
    loading.expectLoaded(await loading.load('{"a":1}'), 1);
    loading.expectLoaded(await loading.load('{"a":2.5,"b":1}'), 1);
    expect(await loading.rows()).toEqual(['{"a":1}', '{}']);
  });
});

describe('routing', () => {
  const ROUTE = ['table: {from: /type, map: {match: trades, l2: quotes}, else: dead}'];

  test('sends each row to the table of its value, and the others to the dead letters', async () => {
    const loading = await Loading.create({ consumer: ROUTE });
    const lines = [
      '{"type":"match","p":1}',
      '{"type":"l2","bid":"2.50"}',
      '{"type":"x"}',
      '{"p":3}',
      '{"type":"match","p":4}',
    ];
    loading.expectLoaded(await loading.load(...lines), 3, 2);
    expect(await loading.database.query('SELECT type, p::int FROM test.trades ORDER BY p')).toEqual([
      { type: 'match', p: 1 },
      { type: 'match', p: 4 },
    ]);
    expect(await loading.database.query('SELECT bid FROM test.quotes')).toEqual([{ bid: '2.50' }]);
    expect(await loading.deadLetters()).toMatchObject([{ raw: '{"type":"x"}' }, { raw: '{"p":3}' }]);
    expect(
      await loading.database.query('SELECT target, rows::int FROM test._socket_el_loads ORDER BY target'),
    ).toEqual([
      { target: '(rows)', rows: 0 },
      { target: 'quotes', rows: 1 },
      { target: 'trades', rows: 2 },
    ]);
  });

  test('a new table gets the rows of batches that were loaded before, when they are read again, and no other does', async () => {
    const loading = await Loading.create({
      consumer: ['table: {from: /type, map: {match: trades}, else: discard}'],
    });
    expect(await loading.load('{"type":"match","p":1}', '{"type":"l2","p":2}')).toMatchObject({
      loaded: 1,
      discarded: 1,
    });
    await loading.reconfigure({ consumer: ROUTE });
    await loading.cli('stage', 'replay', 'postgres');
    expect(await loading.load()).toMatchObject({ status: 'succeeded', loaded: 1, duplicates_skipped: 1 });
    expect(await loading.database.count('test.trades')).toBe(1);
    expect(await loading.database.count('test.quotes')).toBe(1);
  });
});

describe('tables', () => {
  test('gives the rows of a consumer another table and disposition', async () => {
    const loading = await Loading.create({
      producer: ['tables: {rows: {table: quotes, write_disposition: merge, primary_key: [id]}}'],
    });
    await loading.load('{"id":1,"a":1}', '{"id":1,"a":2}');
    expect(await loading.database.query('SELECT id::int, a::int FROM test.quotes')).toEqual([
      { id: 1, a: 2 },
    ]);
  });
});

describe('what is no table to load into', () => {
  test.each([
    [
      'a view with a trigger',
      'CREATE TABLE test.t (a int8); CREATE VIEW test.rows AS SELECT * FROM test.t',
      'it is a view',
    ],
    [
      'a materialized view',
      'CREATE MATERIALIZED VIEW test.rows AS SELECT 1 AS a',
      'it is a materialized view',
    ],
    ['an unlogged table', 'CREATE UNLOGGED TABLE test.rows (a int8)', 'it is UNLOGGED'],
    [
      'a table with rules',
      'CREATE TABLE test.rows (a int8); CREATE RULE r AS ON INSERT TO test.rows DO INSTEAD NOTHING',
      'it has rules',
    ],
  ])('%s is refused with the reason', async (_, statements, reason) => {
    const loading = await Loading.create();
    await loading.database.query(statements);
    await loading.append('{"a":1}');
    expect(await loading.runForErrors(3)).toContain(reason);
  });

  test('a trigger that drops rows blocks the load, and nothing of it is kept', async () => {
    const loading = await Loading.create();
    await loading.database.query(`CREATE TABLE test.rows (a int8);
      CREATE FUNCTION test.drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.a = 2 THEN RETURN NULL; END IF; RETURN NEW; END';
      CREATE TRIGGER t BEFORE INSERT ON test.rows FOR EACH ROW EXECUTE FUNCTION test.drop_row()`);
    await loading.append('{"a":1}', '{"a":2}');
    expect(await loading.runBlocked()).toContain('expected the server to take 2 rows, it took 1');
    expect(await loading.rows()).toEqual([]);
  });

  test('a partitioned table takes rows into its partitions; a row for none of them is a dead letter', async () => {
    const loading = await Loading.create();
    await loading.database.query(
      'CREATE TABLE test.rows (a int8) PARTITION BY RANGE (a); CREATE TABLE test.low PARTITION OF test.rows FOR VALUES FROM (0) TO (10)',
    );
    loading.expectLoaded(await loading.load('{"a":1}', '{"a":100}', '{"a":2}'), 2, 1);
    expect(await loading.database.count('test.low')).toBe(2);
  });
});
