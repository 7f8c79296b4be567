import { describe, expect, test } from 'vitest';
import { Loading } from './loading.js';

const ROWS = 10_000;
const MERGE = ['write_disposition: merge', 'primary_key: [id]'];
const REPLACE = ['write_disposition: replace'];
const lineOf = (i: number, isPoison: boolean) => `{"id":${i},"v":${isPoison ? -1 - i : i}}`;

/** A table that refuses negative values. */
async function createLoading(producer: readonly string[] = []): Promise<Loading> {
  const loading = await Loading.create({ producer });
  await loading.database.query('CREATE TABLE test.rows (id int8 PRIMARY KEY, v int8 CHECK (v >= 0))');
  return loading;
}

const linesWith = (isPoison: (i: number) => boolean) =>
  Array.from({ length: ROWS }, (_, i) => lineOf(i, isPoison(i)));

describe('rows that the server refuses', () => {
  test.each([
    ['the first', (i: number) => i === 0, 1],
    ['one in the middle', (i: number) => i === 5000, 1],
    ['the last', (i: number) => i === ROWS - 1, 1],
    ['some, side by side and apart', (i: number) => i % 1000 === 7 || (i > 4000 && i < 4050), 58],
  ])('become dead letters, %s, and the others are loaded', async (_, isPoison, dead) => {
    const loading = await createLoading();
    const lines = linesWith(isPoison);
    loading.expectLoaded(await loading.load(...lines), ROWS - dead, dead);
    const letters = await loading.deadLetters();
    expect(letters.map(({ raw }) => raw)).toEqual(lines.filter((_line, i) => isPoison(i)));
    expect(letters[0]?.reason).toContain('violates check constraint');
    expect(letters[0]?.reason).toContain('23514');
    const [sums] = await loading.database.query(
      'SELECT count(*)::int AS n, min(v)::int AS least FROM test.rows',
    );
    expect(sums).toEqual({ n: ROWS - dead, least: isPoison(0) ? 1 : 0 });
  });

  test('become dead letters when they are all of a batch, if the configuration says so, in not much more time than one', async () => {
    const secondsOf = async (isPoison: (i: number) => boolean, dead: number) => {
      const loading = await createLoading(['on_poison: dead']);
      await loading.append(...linesWith(isPoison));
      const started = performance.now();
      loading.expectLoaded(await loading.load(), ROWS - dead, dead);
      const seconds = (performance.now() - started) / 1000;
      expect(await loading.deadLetters()).toHaveLength(dead);
      return seconds;
    };
    const bestOf = async (isPoison: (i: number) => boolean, dead: number) =>
      Math.min(await secondsOf(isPoison, dead), await secondsOf(isPoison, dead));
    const one = await bestOf((i) => i === 5000, 1);
    const all = await bestOf(() => true, ROWS);
    console.log(`one poison row of ${ROWS}: ${one.toFixed(2)} s, all: ${all.toFixed(2)} s`);
    expect(all).toBeLessThan(2 * one);
  });

  test('block the load when they are many: then the table is more likely to be wrong', async () => {
    const loading = await createLoading();
    await loading.append(...linesWith((i) => i % 50 === 0));
    const stderr = await loading.runBlocked();
    expect(stderr).toContain(
      'expected the server to refuse at most 100 of its 10000 rows for rows, it refuses 200',
    );
    expect(stderr).toContain('on_poison: dead');
    expect(await loading.rows()).toEqual([]);
    await loading.database.query('ALTER TABLE test.rows DROP CONSTRAINT rows_v_check');
    expect(await loading.load()).toMatchObject({ status: 'succeeded', loaded: ROWS });
  });

  test('are found whatever refuses them: a key that is there, a trigger, a foreign key checked at the end', async () => {
    const loading = await Loading.create();
    await loading.database.query(`
      CREATE TABLE test.known (k text PRIMARY KEY); INSERT INTO test.known VALUES ('a'), ('b');
      CREATE TABLE test.rows (id int8 PRIMARY KEY, k text REFERENCES test.known DEFERRABLE INITIALLY DEFERRED, n int8);
      CREATE FUNCTION test.no_seven() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.n = 7 THEN RAISE EXCEPTION ''not seven''; END IF; RETURN NEW; END';
      CREATE TRIGGER t BEFORE INSERT ON test.rows FOR EACH ROW EXECUTE FUNCTION test.no_seven()`);
    const bad = ['{"id":2,"k":"x","n":1}', '{"id":1,"k":"a","n":2}', '{"id":4,"k":"b","n":7}'];
    const lines = ['{"id":1,"k":"a","n":1}', bad[0], bad[1], '{"id":3,"k":"b","n":1}', bad[2]] as string[];
    loading.expectLoaded(await loading.load(...lines), 2, 3);
    expect((await loading.deadLetters()).map(({ raw }) => raw)).toEqual(bad);
  });

  test.each([
    { name: 'in a merge', producer: MERGE, merged: 1, dead: 2, row: '{"id":1,"v":4,"i":"1 day"}' },
    { name: 'in a set', producer: REPLACE, merged: 0, dead: 3, row: '{"id":1,"v":2,"i":"1 day"}' },
  ])('are found $name, also by a text COPY', async ({ producer, merged, dead, row }) => {
    const loading = await Loading.create({ producer });
    await loading.database.query(
      'CREATE DOMAIN test.even AS int8 CHECK (VALUE % 2 = 0); CREATE TABLE test.rows (id int8 PRIMARY KEY, v test.even, i interval)',
    );
    const lines = ['{"id":1,"v":2,"i":"1 day"}', '{"id":2,"v":3}', '{"id":3,"i":"soon"}', '{"id":1,"v":4}'];
    expect(await loading.load(...lines)).toMatchObject({ status: 'succeeded', loaded: 1, merged, dead });
    expect(await loading.rows()).toEqual([row]);
  });

  test('are loaded by a replay once the table takes them', async () => {
    const loading = await createLoading();
    loading.expectLoaded(await loading.load('{"id":1,"v":-1}', '{"id":2,"v":2}', '{"id":3,"v":-3}'), 1, 2);
    await loading.cli('dlq', 'replay', 'postgres');
    expect(await loading.deadLetters()).toHaveLength(2);
    await loading.database.query('ALTER TABLE test.rows DROP CONSTRAINT rows_v_check, ADD CHECK (v > -2)');
    await loading.cli('dlq', 'replay', 'postgres');
    expect(await loading.deadLetters()).toMatchObject([{ raw: '{"id":3,"v":-3}' }]);
    expect((await loading.rows()).sort()).toEqual(['{"id":1,"v":-1}', '{"id":2,"v":2}']);
  });
});
