// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of a configuration are written like this.
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli.js';
import { createDatabase, createRole, isAccepted, type ProfileEntry } from '../support/database.js';
import { createTempFolder } from '../support/temp-folder.js';
import { createWorkspace, writeProfile } from '../support/workspace.js';

const PASSWORD = 'canary-password-1';
const TOKEN = 'canary-token-2';
const CANARY = /canary-(password-1|token-2)/;
const FORMATS = ['text', 'json'];
/** Nothing listens on it: no process may take a port below 1024 here but for services that are well known. */
const CLOSED_PORT = 1;
const UNREACHABLE: ProfileEntry = {
  user: 'postgres',
  password: PASSWORD,
  database: 'test',
  host: '127.0.0.1',
  port: CLOSED_PORT,
  schema: 'test',
};

const config = (uri: string) => `runners:
  - name: trades
    type: consumer
    variety: socket
    uri: ${uri}
    headers: {Authorization: 'Bearer \${env:TOKEN}'}
    reconnect: {initial: 50ms, max: 200ms}
    stage: {type: local, path: stage}
  - name: warehouse
    type: producer
    variety: postgres
    depends_on: [trades]
    profile: postgres
`;

interface Given {
  readonly text: string;
  readonly profile: ProfileEntry;
}

async function start({ text, profile }: Given, ...args: string[]): Promise<CliProcess> {
  const { configPath, home, cwd } = await createWorkspace(text, profile);
  const [verb = 'run', ...rest] = args;
  return startCli([verb, configPath, ...rest], { home, cwd, env: { TOKEN } });
}

/** Waits for the end, whatever its exit code, and searches everything that was said. */
async function expectSilentOn(cli: CliProcess): Promise<void> {
  await cli.exited;
  const said = cli.stdout + cli.stderr;
  expect(said.match(CANARY), said.slice(0, 4000)).toBeNull();
  expect(said).not.toContain(Buffer.from(PASSWORD).toString('base64'));
}

/** A server that refuses every upgrade and repeats the credentials it got, as careless ones do. */
async function startEchoingServer(status: number): Promise<string> {
  const server = createServer();
  server.on('upgrade', (request, socket) => {
    const said = `not for ${request.headers.authorization} at ${request.url}`;
    socket.end(`HTTP/1.1 ${status} ${said}\r\nContent-Length: ${said.length}\r\n\r\n${said}`);
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each(FORMATS)('a run with a wrong password does not say it, in a log of format %s', async (format) => {
  const database = await createDatabase();
  const { user } = await createRole();
  const profile = database.profile({ user, password: PASSWORD });
  expect(await isAccepted(profile), 'the test server must ask for passwords').toBe(false);
  const text = config(`ws://127.0.0.1:${CLOSED_PORT}/`);
  const cli = await start({ text, profile }, 'run', '--log-format', format);
  await cli.expectExit(3);
  expect(cli.stderr).toContain(user);
  await expectSilentOn(cli);
});

test.each(FORMATS)(
  'a run against servers that are not there says no secret, in a log of format %s',
  async (format) => {
    const text = config(`ws://me:${PASSWORD}@127.0.0.1:${CLOSED_PORT}/feed?token=\${env:TOKEN}`);
    const given = { text, profile: UNREACHABLE };
    const cli = await start(
      given,
      'run',
      '--json',
      '--log-format',
      format,
      '--for',
      '2s',
      '--grace',
      '500ms',
    );
    await expectSilentOn(cli);
    expect(cli.stderr).toContain(`127.0.0.1:${CLOSED_PORT}`);
  },
);

test.each([401, 503])('what a feed repeats of our credentials with status %i is not said', async (status) => {
  const address = await startEchoingServer(status);
  const text = config(`ws://${address}/feed?token=\${env:TOKEN}`);
  const given = { text, profile: UNREACHABLE };
  const cli = await start(given, 'run', '--json', '--for', '2s', '--grace', '500ms');
  await expectSilentOn(cli);
  expect(cli.stderr).toContain(String(status));
});

test.each([
  ['as the address', (text: string) => text.replace(/uri: .*/, 'uri: ${env:TOKEN}')],
  ['in the address', (text: string) => text.replace(/uri: .*/, 'uri: htp://x/${env:TOKEN}')],
  ['as a number', (text: string) => `${text}    max_columns: \${env:TOKEN}\n`],
  ['as a choice', (text: string) => text.replace('type: local', "type: '${env:TOKEN}'")],
  ['as a name', (text: string) => text.replace('name: trades', "name: 'a ${env:TOKEN}'")],
  ['as a profile', (text: string) => text.replace('profile: postgres', "profile: '${env:TOKEN}'")],
  ['as a dependency', (text: string) => text.replace('[trades]', "['${env:TOKEN}']")],
  ['as a variety', (text: string) => text.replace('variety: socket', "variety: '${env:TOKEN}'")],
  ['as a type', (text: string) => text.replace('type: producer', "type: '${env:TOKEN}'")],
])('a secret that stands wrongly %s is refused and not shown', async (_, change) => {
  const text = change(config('ws://127.0.0.1:1/'));
  for (const verb of ['validate', 'run']) {
    const cli = await start({ text, profile: UNREACHABLE }, verb);
    await cli.expectExit(2);
    await expectSilentOn(cli);
  }
});

test.each([
  ['a misspelt key', `postgres: {user: u, password: ${PASSWORD}, databse: test}\n`],
  ['a misspelt password', `postgres:\n  user: u\n  database: test\n  passwort: ${PASSWORD}\n`],
  ['a missing key', `postgres: {user: u, password: ${PASSWORD}}\n`],
  ['an address for an entry', `postgres: postgres://u:${PASSWORD}@127.0.0.1/test\n`],
  ['a doubled key', `postgres: {user: u, password: x, password: ${PASSWORD}, database: test}\n`],
  ['a password that is a list', `postgres: {user: u, database: test, password: [${PASSWORD}]}\n`],
  ['a syntax error', `postgres: {user: u, password: ${PASSWORD}]\n`],
])('a profile with %s is refused and its password not shown', async (_, profile) => {
  const home = await createTempFolder();
  await writeFile(join(home, 'config.yml'), config('ws://127.0.0.1:1/'));
  await writeProfile(home, UNREACHABLE);
  await writeFile(join(home, '.socket_el', 'profile.yml'), profile, { mode: 0o600 });
  for (const verb of ['validate', 'run']) {
    const cli = startCli([verb, 'config.yml'], { home, cwd: home, env: { TOKEN } });
    await cli.expectExit(2);
    await expectSilentOn(cli);
  }
});

test('the arguments of the process hold no secret', async () => {
  const text = config(`ws://127.0.0.1:${CLOSED_PORT}/?token=\${env:TOKEN}`);
  const cli = await start({ text, profile: UNREACHABLE }, 'run', '--for', '20s', '--grace', '500ms');
  const isTrying = () => cli.stderr.includes('trying again');
  await cli.whileRunning(isTrying, { timeoutMs: 10_000, what: 'an attempt to connect' });
  expect(await readFile(`/proc/${cli.pid}/cmdline`, 'utf8')).not.toMatch(CANARY);
  cli.signal('SIGTERM');
  await expectSilentOn(cli);
});
