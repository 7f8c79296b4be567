import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startCli } from '../support/cli.js';
import { startProxy } from '../support/commit-cut-proxy.js';
import { createDatabase, createRole, type ProfileEntry } from '../support/database.js';
import { drives } from '../support/drives.js';
import { createPipelineBench } from '../support/pipeline-bench.js';
import { TlsServer } from '../support/tls-server.js';

const CONFIG = {
  runners: [
    { name: 'rows', type: 'consumer', variety: 'file', path: 'rows.ndjson' },
    { name: 'db', type: 'producer', variety: 'postgres', depends_on: ['rows'] },
  ],
};

/** What stands in for keys that a profile does not have. */
function variablesOf({ host, port, user, password, database }: ProfileEntry): Record<string, string> {
  return { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password, PGDATABASE: database };
}

/** Loads a row by a profile, in an environment that leads to another place. */
async function load(profile: object, env: Readonly<Record<string, string>>): Promise<void> {
  const text = JSON.stringify({ postgres: profile });
  const files = { 'rows.ndjson': '{"n":1}\n', 'home/.socket_el/profile.yml': text };
  const { folder, home } = await createPipelineBench({ config: CONFIG, files });
  const cli = startCli(['run', 'config.yml', '--no-progress'], { home, cwd: folder, env });
  await cli.expectExit(0);
}

/** Loads a row into one database by these keys of its profile, where the environment means another one. */
async function loadElsewhere(keysOf: (entry: ProfileEntry) => object): Promise<void> {
  const [database, other] = [await createDatabase(), await createDatabase()];
  await load(keysOf(database.profile()), variablesOf(other.profile()));
  expect([await database.count('test.rows'), await other.count('test.rows')]).toEqual([1, 0]);
}

drives('key profile/postgres url', 'all of the address', async () => {
  await loadElsewhere(({ user, password, host, port, database, schema }) => {
    const account = [user, password].map(encodeURIComponent).join(':');
    return { url: `postgres://${account}@${host}:${port}/${database}`, schema };
  });
});

drives('key profile/postgres database', 'the database that rows go to', async () => {
  await loadElsewhere(({ database, schema }) => ({ database, schema }));
});

drives('key profile/postgres user', 'the role that owns the table', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await database.query(`GRANT CREATE ON DATABASE "${database.name}" TO ${role.user}`);
  const env = variablesOf(database.profile());
  await load({ ...role, schema: 'test' }, env);
  const owners = await database.query(`SELECT tableowner FROM pg_tables WHERE tablename = 'rows'`);
  expect(owners).toEqual([{ tableowner: role.user }]);
});

drives('key profile/postgres password', 'the password that the server accepts', async () => {
  const database = await createDatabase();
  const { password, schema } = database.profile();
  await load({ password, schema }, variablesOf(database.profile({ password: 'not-this-one' })));
  expect(await database.count('test.rows')).toBe(1);
});

drives('key profile/postgres host', 'a folder leads through the Unix socket in it', async () => {
  const database = await createDatabase();
  await database.query('CREATE SCHEMA test');
  await database.query('CREATE TABLE test.rows (n int8, client inet DEFAULT inet_client_addr())');
  const [found] = await database.query('SHOW unix_socket_directories');
  // There may be several.
  const host = String(found?.['unix_socket_directories']).split(',')[0]?.trim();
  await load({ host, schema: 'test' }, variablesOf(database.profile()));
  expect(await database.query('SELECT n::int, client FROM test.rows')).toEqual([{ n: 1, client: null }]);
});

drives('key profile/postgres port', 'the port that is connected to', async () => {
  const database = await createDatabase();
  const proxy = await startProxy(database.profile());
  let hasPassed = false;
  proxy.rule = ({ loads }) => {
    hasPassed ||= loads;
    return false;
  };
  await load({ port: proxy.address.port, schema: 'test' }, variablesOf(database.profile()));
  expect(hasPassed).toBe(true);
});

drives('key profile/postgres schema', 'the schema that is made and loaded into', async () => {
  const database = await createDatabase();
  await load({ schema: 'elsewhere' }, variablesOf(database.profile()));
  expect(await database.count('elsewhere.rows')).toBe(1);
});

describe('with TLS', () => {
  let folder: string;
  let tls: TlsServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'socket-el-surface-tls-'));
    tls = await TlsServer.start(folder);
  }, 60_000);

  afterAll(async () => {
    await tls?.server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Loads a row from a server that has TLS and lets everybody in, and gives whether it came encrypted. */
  async function isEncrypted(keys: object): Promise<unknown> {
    await tls.set({ certificate: 'good', lets: 'host' });
    const { host, port, user, password, database } = tls.server;
    await load({ host, port, user, password, database, schema: 'test', ...keys }, {});
    const [row] = await tls.query('SELECT encrypted FROM test.rows');
    return row?.['encrypted'];
  }

  drives('key profile/postgres sslmode', 'disable does not use TLS that is there', async () => {
    expect(await isEncrypted({ sslmode: 'disable' })).toBe(false);
  });

  drives('key profile/postgres sslrootcert', 'the authority by which a server is verified', async () => {
    expect(await isEncrypted({ sslmode: 'verify-full', sslrootcert: tls.authority })).toBe(true);
  });
});
