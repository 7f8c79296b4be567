import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { createDatabase, createRole, type TestDatabase } from '../support/database.js';
import { createTempFolder } from '../support/temp-folder.js';
import { createWorkspace } from '../support/workspace.js';

const CONFIG = `runners:
  - {name: rows, type: consumer, variety: file, path: ../rows.ndjson}
  - {name: postgres, type: producer, variety: postgres, depends_on: [rows]}
`;

/** A run without a profile file, with libpq's variables. */
async function startWithVariables(env: Readonly<Record<string, string>>) {
  const cwd = await createTempFolder();
  const home = join(cwd, 'home');
  await mkdir(home);
  await writeFile(join(home, 'config.yml'), CONFIG);
  await writeFile(join(cwd, 'rows.ndjson'), '{"n":1}\n');
  return startCli(['run', join(home, 'config.yml')], { home, cwd, env });
}

function variablesOf(database: TestDatabase): Readonly<Record<string, string>> {
  const { host, port, user, password } = database.profile();
  return { PGHOST: host, PGPORT: `${port}`, PGUSER: user, PGPASSWORD: password, PGDATABASE: database.name };
}

test('libpq’s variables do without a profile file', async () => {
  const database = await createDatabase();
  const cli = await startWithVariables(variablesOf(database));
  await cli.expectExit(0);
  expect(await database.count('public.rows')).toBe(1);
});

test('a refused password of PGPASSWORD is not said', async () => {
  const [database, { user }] = [await createDatabase(), await createRole()];
  const wrong = { PGUSER: user, PGPASSWORD: 'canary-variable' };
  const cli = await startWithVariables({ ...variablesOf(database), ...wrong });
  await cli.expectExit(3);
  expect(cli.stderr).toContain(user);
  expect(cli.stdout + cli.stderr).not.toContain('canary');
});

test('an address in the profile does, with its escapes', async () => {
  const [role, database] = [await createRole(), await createDatabase()];
  await database.query(`GRANT CREATE ON DATABASE "${database.name}" TO "${role.user}"`);
  const { host, port } = database.profile();
  const who = `${role.user}:${encodeURIComponent(role.password)}`;
  const url = `postgresql://${who}@${host}:${port}/${database.name}?sslmode=disable`;
  const workspace = await createWorkspace(CONFIG, { url, schema: 'test' });
  await writeFile(join(workspace.configPath, '../../rows.ndjson'), '{"n":1}\n');
  await workspace.run().expectExit(0);
  expect(await database.count('test.rows')).toBe(1);
});

test('a refused password of an address is not said', async () => {
  const [database, { user }] = [await createDatabase(), await createRole()];
  const { host, port } = database.profile();
  const url = `postgres://${user}:canary%2Dpassword@${host}:${port}/${database.name}`;
  const workspace = await createWorkspace(CONFIG, { url });
  const cli = workspace.run();
  await cli.expectExit(3);
  expect(cli.stderr).toContain(user);
  expect(cli.stdout + cli.stderr).not.toContain('canary');
});
