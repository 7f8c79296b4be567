import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { Loading } from '../producers/postgres/loading.js';
import type { TestDatabase } from '../support/database.js';

/** A role that may do nothing but connect, use the schema, and read and add rows. */
async function createReader(database: TestDatabase): Promise<{ user: string; password: string }> {
  const user = `reader_${randomBytes(4).toString('hex')}`;
  await database.query(`CREATE ROLE ${user} LOGIN PASSWORD 'canary'`);
  onTestFinished(async () => {
    await database.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`);
  });
  return { user, password: 'canary' };
}

async function grant(database: TestDatabase, user: string): Promise<void> {
  await database.query(
    `GRANT USAGE ON SCHEMA test TO ${user}; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA test TO ${user}`,
  );
}

const statementsIn = (printed: string) => printed.replaceAll(/^-- .*$/gm, '');

test('ddl prints what a run would execute: after it a role without any other right loads', async () => {
  let user = '';
  const loading = await Loading.create({ consumer: ['columns: {at: timestamptz}'] }, async (database) => {
    const reader = await createReader(database);
    user = reader.user;
    return reader;
  });
  const { database } = loading;
  await database.query('DROP SCHEMA test');
  await loading.append('{"id":1,"price":"1.50","at":"2024-01-01T00:00:00Z"}', '{"id":2,"size":0.5}');
  await loading.runOnly('rows');
  const printed = await loading.verb('ddl');
  expect(printed).toContain('-- rows into postgres: 2 messages wait');
  expect(printed).toContain('CREATE SCHEMA "test";');
  expect(await database.query("SELECT FROM pg_namespace WHERE nspname = 'test'")).toEqual([]);
  await database.query(statementsIn(printed));
  await grant(database, user);
  expect(statementsIn(await loading.verb('ddl')).trim()).toBe('');
  expect(await loading.load()).toMatchObject({ status: 'succeeded', loaded: 2 });
  expect(await loading.types()).toEqual({
    id: 'bigint',
    price: 'text',
    at: 'timestamp with time zone',
    size: 'double precision',
  });
});

test('ddl prints the changes of a table that is there, once each, and nothing is changed', async () => {
  const loading = await Loading.create();
  await loading.load('{"a":1}');
  await loading.append('{"a":12345678901234567890,"b":true}', '{"a":[],"b":"x","c":{"d":1}}');
  await loading.runOnly('rows');
  const before = await loading.types();
  const printed = await loading.verb('ddl');
  expect(statementsIn(printed)).toContain('ALTER TABLE "test"."rows"');
  expect(await loading.types()).toEqual(before);
  await loading.database.query(statementsIn(printed));
  const after = await loading.types();
  expect(await loading.load()).toMatchObject({ status: 'succeeded', loaded: 2 });
  expect(await loading.types()).toEqual(after);
});

test('ddl says that nothing is known of a table of which nothing waits, and gives data with --json', async () => {
  const loading = await Loading.create();
  const printed = await loading.verb('ddl');
  expect(printed).toContain('-- rows into postgres: nothing waits, so its tables are not known yet');
  expect(printed).toContain('_socket_el_loads');
  expect(JSON.parse(await loading.verb('ddl', '--json'))).toMatchObject([
    { producer: 'postgres', consumer: 'rows', waiting: 0 },
  ]);
});

test('ddl prints the table of a merge with its key, and a run loads into what was made of it', async () => {
  const loading = await Loading.create({ producer: ['write_disposition: merge', 'primary_key: [id]'] });
  await loading.append('{"id":1,"a":1}', '{"id":1,"a":2}');
  await loading.runOnly('rows');
  const printed = await loading.verb('ddl');
  expect(printed).toContain('PRIMARY KEY ("id")');
  await loading.database.query(statementsIn(printed));
  expect(await loading.load()).toMatchObject({ status: 'succeeded', loaded: 1, merged: 1 });
});
