import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { isSameCatalogue, readCatalogue } from '../../../src/producers/postgres/catalogue.js';
import { lockAndMark } from '../../../src/producers/postgres/table-mark.js';
import { createDatabase } from '../../support/database.js';

const TABLE = 'a "quoted" table';
const NAME = { schema: 'public', table: TABLE };
const QUOTED = '"a ""quoted"" table"';

async function connect(): Promise<pg.Client> {
  const { schema: _, ...address } = (await createDatabase()).profile();
  const client = new pg.Client(address);
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** In a transaction of its own, as a load does. */
async function look(client: pg.Client) {
  await client.query('BEGIN');
  const mark = await lockAndMark(client, NAME);
  const catalogue = await readCatalogue(client, 'public', TABLE);
  await client.query('COMMIT');
  return { mark, catalogue };
}

test('whatever changes what the columns of a table are changes its mark, and rows do not', async () => {
  const client = await connect();
  await client.query(`CREATE TABLE ${QUOTED} (a int4, b varchar(10), c numeric(10,2) DEFAULT 1)`);
  let before = await look(client);
  expect(before.mark).toMatch(/\d/);
  await client.query(`INSERT INTO ${QUOTED} VALUES (1, 'x', 2); ANALYZE ${QUOTED}`);
  await client.query(`VACUUM ${QUOTED}`);
  expect((await look(client)).mark).toBe(before.mark);
  for (const change of [
    'ADD COLUMN d text',
    'ALTER COLUMN a TYPE int8',
    'ALTER COLUMN b TYPE varchar(20)',
    'ALTER COLUMN b TYPE text',
    'ALTER COLUMN c TYPE numeric(12,2)',
    'ALTER COLUMN a SET NOT NULL',
    'ALTER COLUMN a DROP NOT NULL',
    'ALTER COLUMN c SET DEFAULT 3',
    'ALTER COLUMN c SET DEFAULT 4',
    'ALTER COLUMN c DROP DEFAULT',
    'ALTER COLUMN d SET DEFAULT now()::text',
    'RENAME COLUMN d TO e',
    'ALTER COLUMN e ADD GENERATED ALWAYS AS IDENTITY',
    'DROP COLUMN e',
    'ADD COLUMN g int4 GENERATED ALWAYS AS (1) STORED',
    'SET UNLOGGED',
  ]) {
    const isIdentity = change.includes('IDENTITY');
    if (isIdentity)
      await client.query(
        `ALTER TABLE ${QUOTED} ALTER COLUMN e DROP DEFAULT, ALTER COLUMN e TYPE int8 USING 1, ALTER COLUMN e SET NOT NULL`,
      );
    await client.query(`ALTER TABLE ${QUOTED} ${change}`);
    const after = await look(client);
    expect(isSameCatalogue(after.catalogue, before.catalogue), change).toBe(false);
    expect(after.mark, change).not.toBe(before.mark);
    if (isIdentity) expect(after.mark).toBeUndefined();
    before = after;
  }
  await client.query(`DROP TABLE ${QUOTED}; CREATE TABLE ${QUOTED} (a int8, b text, c numeric(12,2))`);
  expect((await look(client)).mark).not.toBe(before.mark);
});

test.each([
  ['an enum', "CREATE TYPE kind AS ENUM ('a')", 'kind'],
  ['an array of an enum', "CREATE TYPE kind AS ENUM ('a')", 'kind[]'],
  ['a domain', 'CREATE DOMAIN kind AS int4 CHECK (VALUE > 0)', 'kind'],
])('a table with %s has no mark: what that is can change elsewhere', async (_, made, type) => {
  const client = await connect();
  await client.query(`${made}; CREATE TABLE ${QUOTED} (a int4, b ${type})`);
  expect((await look(client)).mark).toBeUndefined();
});

test('a table that is locked stays as it was marked until the load ends', async () => {
  const client = await connect();
  await client.query(`CREATE TABLE ${QUOTED} (a int4)`);
  await client.query('BEGIN');
  await lockAndMark(client, NAME);
  const { rows } = await client.query(
    'SELECT mode FROM pg_locks WHERE relation = $1::regclass AND pid = pg_backend_pid() AND granted',
    [QUOTED],
  );
  expect(rows).toContainEqual({ mode: 'RowExclusiveLock' });
  await client.query('ROLLBACK');
});
