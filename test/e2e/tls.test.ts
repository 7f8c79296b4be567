import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CliProcess } from '../support/cli.js';
import { TlsServer } from '../support/tls-server.js';
import { createWorkspace } from '../support/workspace.js';

const CONFIG = `runners:
  - {name: rows, type: consumer, variety: file, path: rows.ndjson}
  - {name: postgres, type: producer, variety: postgres, depends_on: [rows]}
`;
const PASSWORD = 'password';

let folder: string;
let tls: TlsServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'socket-el-tls-'));
  tls = await TlsServer.start(folder);
}, 60_000);

afterAll(async () => {
  await tls?.server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Loads one row with the server's profile and further keys. */
async function load(keys: Readonly<Record<string, unknown>>, exitCode: number): Promise<CliProcess> {
  const { user, database, host, port } = tls.server;
  const profile = { user, password: PASSWORD, database, host, port, schema: 'test', ...keys };
  const workspace = await createWorkspace(CONFIG, profile);
  await writeFile(join(dirname(workspace.configPath), 'rows.ndjson'), '{"n":1}\n');
  const cli = workspace.run();
  await cli.expectExit(exitCode, 15_000);
  return cli;
}

/** Loads one row and gives whether the connection that brought it was encrypted. */
async function isEncrypted(keys: Readonly<Record<string, unknown>> = {}): Promise<boolean> {
  const cli = await load(keys, 0);
  expect(cli.stderr).not.toContain('warn');
  const rows = await tls.query<{ n: string; encrypted: boolean }>('SELECT n::text, encrypted FROM test.rows');
  expect(rows.map(({ n }) => n)).toEqual(['1']);
  return rows[0]?.encrypted === true;
}

async function refusal(keys: Readonly<Record<string, unknown>>): Promise<string> {
  return (await load(keys, 3)).stderr;
}

test('on this machine a server that takes only TLS is reached with TLS', async () => {
  await tls.set({ certificate: 'good', lets: 'hostssl' });
  expect(await isEncrypted()).toBe(true);
});

test('on this machine a server without TLS is reached without', async () => {
  await tls.set({ certificate: undefined, lets: 'host' });
  expect(await isEncrypted()).toBe(false);
});

test('on this machine a server that has TLS and lets us in only without is reached without', async () => {
  await tls.set({ certificate: 'good', lets: 'hostnossl' });
  expect(await isEncrypted()).toBe(false);
});

test('disable does not use TLS that is there', async () => {
  await tls.set({ certificate: 'good', lets: 'host' });
  expect(await isEncrypted({ sslmode: 'disable' })).toBe(false);
});

test('require encrypts and looks at no certificate', async () => {
  await tls.set({ certificate: 'expired', lets: 'hostssl' });
  expect(await isEncrypted({ sslmode: 'require' })).toBe(true);
});

test.each(['require', 'verify-ca', 'verify-full'])('%s is refused by a server without TLS', async (mode) => {
  await tls.set({ certificate: undefined, lets: 'host' });
  const stderr = await refusal({ sslmode: mode });
  expect(stderr).toMatch(/does not support SSL[\s\S]*ssl = on[\s\S]*sslmode: disable/);
});

test('verify-full accepts the host of a certificate of the given authority', async () => {
  await tls.set({ certificate: 'good', lets: 'hostssl' });
  expect(await isEncrypted({ sslmode: 'verify-full', sslrootcert: tls.authority })).toBe(true);
});

test.each(['verify-ca', 'verify-full'])(
  '%s without the authority is refused with the key to write',
  async (mode) => {
    await tls.set({ certificate: 'good', lets: 'hostssl' });
    expect(await refusal({ sslmode: mode })).toMatch(/certificate[\s\S]*sslrootcert:/);
  },
);

test.each(['require', 'verify-ca', 'verify-full'])('%s with another authority is refused', async (mode) => {
  await tls.set({ certificate: 'good', lets: 'hostssl' });
  expect(await refusal({ sslmode: mode, sslrootcert: tls.otherAuthority })).toContain('sslrootcert:');
});

test('a certificate for another host is refused by verify-full, which says its names, and accepted by verify-ca', async () => {
  await tls.set({ certificate: 'other_host', lets: 'hostssl' });
  const keys = { sslrootcert: tls.authority };
  const stderr = await refusal({ ...keys, sslmode: 'verify-full' });
  expect(stderr).toMatch(/for DNS:db\.example, DNS:db2\.example[\s\S]*verify-ca/);
  expect(await isEncrypted({ ...keys, sslmode: 'verify-ca' })).toBe(true);
});

test('an expired certificate is refused and the answer says to renew it', async () => {
  await tls.set({ certificate: 'expired', lets: 'hostssl' });
  const stderr = await refusal({ sslmode: 'verify-full', sslrootcert: tls.authority });
  expect(stderr).toMatch(/expired[\s\S]*renew/);
});

// This address leads to this machine too, but nothing about it says so.
test('elsewhere verify-full is the default', async () => {
  await tls.set({ certificate: 'good', lets: 'hostssl' });
  expect(await refusal({ host: '0.0.0.0' })).toContain('sslrootcert:');
  expect(await isEncrypted({ host: '0.0.0.0', sslrootcert: tls.authority })).toBe(true);
});

test.each(['disable', 'prefer', 'require'])('%s to another machine is warned of once', async (mode) => {
  await tls.set({ certificate: 'good', lets: 'host' });
  const { stderr } = await load({ host: '0.0.0.0', sslmode: mode }, 0);
  expect(stderr.match(/warn: .*sslmode/g)).toHaveLength(1);
  expect(stderr).toContain(`sslmode ${mode} to 0.0.0.0`);
});

test('on a Unix socket there is no TLS, whatever sslmode says', async () => {
  await tls.set({ certificate: 'good', lets: 'hostssl' });
  const [socket] = await tls.query<{ unix_socket_directories: string }>('SHOW unix_socket_directories');
  const host = socket?.unix_socket_directories;
  expect(await isEncrypted({ host })).toBe(false);
  await tls.set({ certificate: 'good', lets: 'hostssl' });
  expect(await isEncrypted({ host, sslmode: 'verify-full' })).toBe(false);
});

test('a server that asks for a password that is not given refuses us for good', async () => {
  await tls.set({ certificate: undefined, lets: 'host' });
  expect(await refusal({ password: undefined })).toMatch(/PGPASSWORD/);
});
