import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createDatabase,
  createRole,
  isAccepted,
  type ProfileEntry,
  type TestDatabase,
} from '../support/database.js';
import { startFeed as startLiveFeed } from '../support/live-feed.js';
import { createWorkspace, tradesConfig, type Workspace } from '../support/workspace.js';
import { config, examine, NO_DATABASE, pasteOf, startFeed, startMuteServer } from './doctor-bench.js';

async function startTrades(): Promise<string> {
  return (await startFeed({ talk: (socket) => socket.send('{"id":1,"price":1.5,"side":"buy"}') })).uri;
}

async function createCase(profile: ProfileEntry): Promise<Workspace> {
  return createWorkspace(config(await startTrades()), profile);
}

/** Runs the statement that is printed behind `fix:` as the superuser; then nothing may stand in the way. */
async function expectCured(workspace: Workspace, database: TestDatabase): Promise<readonly string[]> {
  const { stdout } = await examine(workspace, 3);
  const statements = pasteOf(stdout).map((line) => line.trim());
  expect(statements.length, stdout).toBeGreaterThan(0);
  for (const statement of statements) await database.query(statement);
  const { stdout: cured } = await examine(workspace, 0);
  expect(cured).toMatch(/\nnothing stands in the way of a run.*\n$/);
  return statements;
}

/** Everything that a run could have made or taken. */
async function relationsOf(database: TestDatabase): Promise<unknown> {
  return database.query(
    `SELECT n.nspname, c.relname FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid
      WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2`,
  );
}

test('a sink where everything is to be made: the table with the types, and nothing is made', async () => {
  const database = await createDatabase();
  const before = await relationsOf(database);
  const said = await examine(await createCase(database.profile()), 0, '--json');
  const { facts, findings } = said.runner('db');
  expect(findings.map(({ text }) => text).join('\n')).toMatch(
    /schema test is not there; it would be created[\s\S]*test\.trades/,
  );
  expect(facts).toMatchObject({
    encoding: 'UTF8',
    encrypted: false,
    schema: { name: 'test', there: false, may_create: true },
    tables: [
      {
        name: 'trades',
        there: false,
        row_columns: [
          { name: 'id', type: 'int8' },
          { name: 'price', type: 'float8' },
          { name: 'side', type: 'text' },
        ],
      },
    ],
  });
  expect(Math.abs(facts['clock_skew_ms'] as number)).toBeLessThan(1000);
  expect(await relationsOf(database)).toEqual(before);
});

test('a role without rights on schema public: the statement shown is enough', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  const statements = await expectCured(
    await createCase(database.profile({ ...role, schema: 'public' })),
    database,
  );
  expect(statements).toEqual([`GRANT CREATE ON SCHEMA "public" TO "${role.user}";`]);
});

test('a schema that is not there and may not be created: the statement shown is enough', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await expectCured(await createCase(database.profile({ ...role, schema: 'Feeds of "us"' })), database);
});

test('a schema of somebody else, with its tables: one statement after the other', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await database.query('CREATE SCHEMA test');
  const workspace = await createCase(database.profile(role));
  await expectCured(workspace, database);
});

test('a table without INSERT, and one to which a column cannot be added', async () => {
  const role = await createRole();
  const database = await createDatabase();
  const make = `CREATE SCHEMA test; GRANT USAGE, CREATE ON SCHEMA test TO ${role.user};`;
  await database.query(
    `${make} CREATE TABLE test.trades (id int8 NOT NULL, price numeric, side text, venue text NOT NULL)`,
  );
  const workspace = await createCase(database.profile(role));
  expect(await expectCured(workspace, database)).toEqual([
    `GRANT INSERT ON TABLE "test"."trades" TO "${role.user}";`,
  ]);
  const { stdout } = await examine(workspace, 0);
  expect(stdout).toMatch(/venue +text +not in the rows seen/);
  expect(stdout).toContain('the rows seen have no venue');
  expect(stdout).toContain(`role ${role.user} does not own test.trades`);
  await database.query('ALTER TABLE test.trades DROP COLUMN side');
  expect(await expectCured(workspace, database)).toEqual([
    'ALTER TABLE "test"."trades" ADD COLUMN "side" text;',
  ]);
});

test('a table under row-level security, an unlogged one, and a view in its place', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await database.query(`CREATE SCHEMA test AUTHORIZATION ${role.user}; CREATE UNLOGGED TABLE test.trades (id int8);
    ALTER TABLE test.trades ENABLE ROW LEVEL SECURITY; GRANT ALL ON test.trades TO ${role.user};
    ALTER TABLE test.trades ADD COLUMN price float8, ADD COLUMN side text`);
  const workspace = await createCase(database.profile(role));
  const problems = (await examine(workspace, 3, '--json')).problems('db');
  expect(problems.flatMap(({ fixes = [] }) => fixes.flatMap(({ paste }) => paste))).toEqual([
    `ALTER ROLE "${role.user}" BYPASSRLS;`,
    'ALTER TABLE "test"."trades" SET LOGGED;',
  ]);
  await database.query('ALTER TABLE test.trades SET LOGGED');
  expect(await expectCured(workspace, database)).toEqual([`ALTER ROLE "${role.user}" BYPASSRLS;`]);
  await database.query('DROP TABLE test.trades; CREATE VIEW test.trades AS SELECT 1 AS id');
  const [problem] = (await examine(workspace, 3, '--json')).problems('db');
  expect(problem?.text).toBe('test.trades: expected a table, got a view');
});

test('a database that the role may not connect to', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await database.query(`CREATE SCHEMA test AUTHORIZATION ${role.user};
    REVOKE CONNECT ON DATABASE ${database.name} FROM PUBLIC`);
  await expectCured(await createCase(database.profile(role)), database);
});

test('transactions that are read-only by default', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await database.query(`CREATE SCHEMA test AUTHORIZATION ${role.user};
    ALTER ROLE ${role.user} SET default_transaction_read_only = on`);
  await expectCured(await createCase(database.profile(role)), database);
});

test('a missing database: the statement that makes it', async () => {
  const database = await createDatabase();
  const profile = database.profile({ database: `${database.name}_gone` });
  const { stdout } = await examine(await createCase(profile), 3);
  expect(pasteOf(stdout)).toEqual([`      CREATE DATABASE "${profile.database}" OWNER "${profile.user}";`]);
});

test('a wrong password: which profile, and the statement', async () => {
  const database = await createDatabase();
  const { user } = await createRole();
  const profile = database.profile({ user, password: 'canary-password' });
  expect(await isAccepted(profile), 'the test server must ask for passwords').toBe(false);
  const said = await examine(await createCase(profile), 3, '--json');
  const [problem] = said.problems('db');
  expect(problem?.text).toContain('28P01');
  expect(problem?.fixes?.map(({ text }) => text).join()).toMatch(/profile postgres \(.*profile\.yml\)/);
  expect(problem?.fixes?.flatMap(({ paste }) => paste)).toEqual([`ALTER ROLE "${user}" PASSWORD '…';`]);
  expect(said.runner('trades').ok, 'the source is looked at all the same').toBe(true);
});

test('no server, one that says nothing, and one that does no TLS', async () => {
  const { stdout } = await examine(await createCase(NO_DATABASE), 3);
  expect(stdout).toMatch(/ECONNREFUSED[\s\S]*nothing listens there/);
  const mute = await examine(await createCase({ ...NO_DATABASE, ...(await startMuteServer()) }), 3);
  expect(mute.stdout).toMatch(
    /does not answer as PostgreSQL does: look at host and port in profile postgres/,
  );
  const database = await createDatabase();
  const profile = { ...database.profile(), sslmode: 'require' };
  const said = await examine(await createCase(profile), 3, '--json');
  expect(said.problems('db')[0]?.text).toContain('does not support SSL');
});

test('tables that somebody has locked, and the lock of those who make tables, are not waited for', async () => {
  const database = await createDatabase();
  await database.query('CREATE SCHEMA test; CREATE TABLE test.trades (id int8, price float8, side text)');
  const workspace = await createCase(database.profile());
  await database.query('BEGIN; LOCK TABLE test.trades IN ACCESS EXCLUSIVE MODE');
  await database.query('SELECT pg_advisory_xact_lock($1, 0)', [0x736f636b]);
  const said = await examine(workspace, 0, '--json');
  await database.query('ROLLBACK');
  expect(said.runner('db').facts).toMatchObject({ tables: [{ there: true, is_owner: true }] });
});

test('a merge and a replace want other rights, and a merge temporary tables', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await database.query(`CREATE SCHEMA test; CREATE TABLE test.trades (id int8 PRIMARY KEY, price float8, side text);
    GRANT USAGE, CREATE ON SCHEMA test TO ${role.user}; REVOKE TEMPORARY ON DATABASE ${database.name} FROM PUBLIC`);
  const merge = `${config(await startTrades())}    write_disposition: merge\n    primary_key: [id]\n`;
  const workspace = await createWorkspace(merge, database.profile(role));
  const { stdout } = await examine(workspace, 3);
  expect(stdout).toContain(`GRANT INSERT, SELECT, UPDATE ON TABLE "test"."trades" TO "${role.user}";`);
  await database.query(`GRANT INSERT, SELECT, UPDATE ON TABLE test.trades TO ${role.user}`);
  expect(await expectCured(workspace, database)).toEqual([
    `GRANT TEMPORARY ON DATABASE "${database.name}" TO "${role.user}";`,
  ]);
  const lines = 'name: trades\n    type: consumer\n    variety: file\n    path: trades.ndjson';
  const replace = merge
    .replace('write_disposition: merge\n    primary_key: [id]', 'write_disposition: replace')
    .replace(/name: trades[\s\S]*?uri: .*/, lines);
  const other = await createWorkspace(replace, database.profile(role));
  await writeFile(join(dirname(other.configPath), 'trades.ndjson'), '{"id":1}\n');
  expect(await expectCured(other, database)).toEqual([
    `GRANT DELETE ON TABLE "test"."trades" TO "${role.user}";`,
  ]);
});

test('rows that go to several tables, and the statements that a run would execute', async () => {
  const database = await createDatabase();
  const route = 'table: {from: /side, map: {buy: buys, sell: sells}}';
  const text = config(await startTrades(), [route]);
  const workspace = await createWorkspace(text, database.profile());
  const { stdout } = await examine(workspace, 0);
  expect(stdout).toMatch(/table test\.buys is not there; it would be made with\n +id +int8\n/);
  expect(stdout).toContain('table test.sells is not there; it would be made for the first rows');
  expect(stdout).toMatch(
    /a run would execute first\n +CREATE SCHEMA "test"[\s\S]*CREATE TABLE.*"test"\."buys"/,
  );
  expect(await database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'test'")).toEqual([]);
});

test('a frozen table says what becomes of what it has no place for', async () => {
  const database = await createDatabase();
  await database.query('CREATE SCHEMA test; CREATE TABLE test.trades (id int8)');
  const text = `${config(await startTrades())}    schema_contract: freeze\n`;
  const { stdout } = await examine(await createWorkspace(text, database.profile()), 0);
  expect(stdout).toContain('test.trades has no place for price, side: such rows become dead letters');
});

test('beside a run nothing is disturbed', async () => {
  const [feed, database] = await Promise.all([startLiveFeed(), createDatabase()]);
  await feed.openLive('/live', { seed: 7, rate: 500 });
  const workspace = await createWorkspace(tradesConfig({ uri: feed.uri('/live') }), database.profile());
  const run = workspace.run();
  await run.whileRunning(() => database.count('test.trades'), { timeoutMs: 20_000, what: 'first rows' });
  const said = await examine(workspace, 0, '--json');
  expect(said.runner('postgres').facts).toMatchObject({ tables: [{ there: true, missing_rights: [] }] });
  expect(said.runner('trades').row).not.toBeNull();
  const rows = await database.count('test.trades');
  await run.whileRunning(async () => (await database.count('test.trades')) > rows, {
    timeoutMs: 20_000,
    what: 'more rows',
  });
  run.signal('SIGTERM');
  await run.expectExit(0);
  const summary = run.summary();
  expect(summary.runners.map(({ restarts, gaps, dead }) => [restarts, gaps, dead])).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(await database.count('test.trades')).toBe(summary.runners[0]?.messages);
});
