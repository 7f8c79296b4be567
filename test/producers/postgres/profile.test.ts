import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { loadPostgresProfile } from '../../../src/producers/postgres/profile.js';
import { createTempFolder } from '../../support/temp-folder.js';

const CERTIFICATE = fileURLToPath(new URL('authority.pem', import.meta.url));
const DEFAULTS = { host: '127.0.0.1', port: 5432, schema: 'public', sslmode: 'prefer' };

/** Sets variables until the test ends. */
function setEnvironment(env: Readonly<Record<string, string>>): void {
  Object.assign(process.env, env);
  onTestFinished(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
}

async function writeEntry(entry: unknown): Promise<string> {
  const file = join(await createTempFolder(), 'profile.yml');
  await writeFile(file, `postgres: ${JSON.stringify(entry)}\n`);
  await chmod(file, 0o600);
  return file;
}

/** The profile that an entry gives, or the environment without one, and what was told as a secret. */
async function load(entry?: unknown, name?: string) {
  const secrets: string[] = [];
  const files = entry === undefined ? [] : [await writeEntry(entry)];
  const profile = await loadPostgresProfile({ files, name, onSecret: (secret) => secrets.push(secret) });
  return { profile, secrets };
}

/** The text of the refusal, and what was told as a secret before it. */
async function refusal(entry: unknown): Promise<{ text: string; secrets: readonly string[] }> {
  const secrets: string[] = [];
  const files = [await writeEntry(entry)];
  const text = await loadPostgresProfile({ files, name: 'postgres', onSecret: (s) => secrets.push(s) }).then(
    () => '',
    ({ message, hint }) => `${message}\n${hint}`,
  );
  return { text, secrets };
}

test('the keys of an entry are taken as they are, the others have defaults', async () => {
  const { profile, secrets } = await load({ user: 'u', password: 'canary-1', database: 'd' });
  expect(profile).toEqual({ ...DEFAULTS, user: 'u', password: 'canary-1', database: 'd' });
  expect(secrets).toContain('canary-1');
});

test.each([
  ['postgres://u:p%40ss%2Fword@db.example:6432/my%20data', { host: 'db.example', port: 6432 }],
  ['postgresql://u:p%40ss%2Fword@[2001:db8::1]/my%20data', { host: '2001:db8::1', port: 5432 }],
  ['postgres://db.example/my%20data?user=u&password=p%40ss%2Fword', { host: 'db.example', port: 5432 }],
  ['postgres://db.example?user=u&password=p%40ss%2Fword&dbname=my%20data', { host: 'db.example' }],
])('the address %s is read with its escapes', async (url, expected) => {
  const { profile, secrets } = await load({ url, schema: 'test' });
  const keys = { user: 'u', password: 'p@ss/word', database: 'my data', schema: 'test' };
  expect(profile).toMatchObject({ ...keys, ...expected, sslmode: 'verify-full' });
  expect(secrets).toEqual(expect.arrayContaining(['p@ss/word', 'p%40ss%2Fword']));
});

test.each([
  'postgres://u@/d?host=/run/postgresql',
  'postgres:///d?host=/run/postgresql&user=u',
  'postgres://u@%2Frun%2Fpostgresql/d',
])('the address %s is that of a Unix socket', async (url) => {
  const { profile } = await load({ url });
  expect(profile).toMatchObject({ user: 'u', database: 'd', host: '/run/postgresql', sslmode: 'prefer' });
});

test('sslmode is taken from the address', async () => {
  const { profile } = await load({ url: 'postgres://u@db.example/d?sslmode=require' });
  expect(profile.sslmode).toBe('require');
});

test('a key beside the address adds to it', async () => {
  const { profile } = await load({ url: 'postgres://u@db.example/d', password: 'p', port: 6432 });
  expect(profile).toMatchObject({ user: 'u', password: 'p', port: 6432 });
});

test('what an address leaves open is as for libpq: the account and a database of its name', async () => {
  const { username } = userInfo();
  expect((await load({ url: 'postgres://' })).profile).toMatchObject({ user: username, database: username });
  expect((await load({ url: 'postgres://u@db.example' })).profile).toMatchObject({
    user: 'u',
    database: 'u',
  });
});

test.each([
  'postgres://u:canary/1#word@db.example/d',
  'postgres://u:canary%1@db.example/d',
  'postgres://u:1?canary@db.example/d',
  'postgres://u:canary@db.example/d?other=1',
  'mysql://u:canary@db.example/d',
])('the bad address %s is refused without being shown', async (url) => {
  const { text, secrets } = await refusal({ url });
  expect(text).toMatch(/profile\.yml:1:\d+: postgres\.url: expected/);
  expect(text).not.toContain('canary');
  expect(secrets).toContain(url);
});

test('a key that contradicts the address is refused and neither value shown', async () => {
  const { text } = await refusal({ url: 'postgres://u:canary-1@db.example/d', password: 'canary-2' });
  expect(text).toContain('postgres.password: expected what url says');
  expect(text).not.toContain('canary');
});

test('missing keys are taken from libpq’s variables, also beside an address', async () => {
  setEnvironment({ PGHOST: 'env.example', PGPORT: '6000', PGUSER: 'e', PGPASSWORD: 'canary-3' });
  setEnvironment({ PGDATABASE: 'ed', PGSSLMODE: 'require', PGSSLROOTCERT: 'system' });
  const { profile, secrets } = await load({ user: 'u', host: 'own.example' });
  const fromEnvironment = { port: 6000, password: 'canary-3', database: 'ed', sslmode: 'require' };
  expect(profile).toEqual({ ...fromEnvironment, user: 'u', host: 'own.example', schema: 'public' });
  expect(secrets).toContain('canary-3');
  const beside = await load({ url: 'postgres://u:own@own.example/d' });
  expect(beside.profile).toMatchObject({ password: 'own', database: 'd', port: 6000 });
  expect(beside.secrets).not.toContain('canary-3');
});

test('an empty variable counts as not set', async () => {
  setEnvironment({ PGHOST: '', PGPORT: '', PGSSLMODE: '' });
  expect((await load({ user: 'u', database: 'd' })).profile).toMatchObject(DEFAULTS);
});

test.each(['PGHOST', 'PGDATABASE'])('%s alone stands for a profile that nobody names', async (name) => {
  setEnvironment({ [name]: 'place' });
  const { profile } = await load();
  expect(Object.values(profile)).toContain('place');
});

test('a profile that is named is not made of variables', async () => {
  setEnvironment({ PGHOST: 'place' });
  await expect(load(undefined, 'postgres')).rejects.toMatchObject({ code: 'profile.unknown' });
});

test('an entry of the default name goes before variables', async () => {
  setEnvironment({ PGHOST: 'place' });
  const { profile } = await load({ user: 'u', database: 'd', host: 'own.example' });
  expect(profile.host).toBe('own.example');
});

test('without a name, entry and variables the hint names both ways', async () => {
  await expect(load()).rejects.toMatchObject({
    code: 'profile.unknown',
    hint: expect.stringMatching(/profile\.yml.*PGHOST/),
  });
});

test.each([
  ['127.0.0.1', 'prefer'],
  ['127.1.2.3', 'prefer'],
  ['::1', 'prefer'],
  ['localhost', 'prefer'],
  ['/run/postgresql', 'prefer'],
  ['127.example', 'verify-full'],
  ['localhost.example', 'verify-full'],
  ['10.0.0.1', 'verify-full'],
])('the default for %s is %s', async (host, sslmode) => {
  expect((await load({ user: 'u', database: 'd', host })).profile.sslmode).toBe(sslmode);
});

test('sslrootcert is relative to the profile, and may begin with ~', async () => {
  const keys = { user: 'u', database: 'd' };
  const { profile } = await load({ ...keys, sslrootcert: CERTIFICATE });
  expect(profile.authorities).toContain('BEGIN CERTIFICATE');
  const { text } = await refusal({ ...keys, sslrootcert: 'sub/root.pem' });
  expect(text).toMatch(
    /profile\.yml:1:\d+: postgres\.sslrootcert: expected a readable file at \/.*sub\/root\.pem/,
  );
  const home = await refusal({ ...keys, sslrootcert: '~/nowhere.pem' });
  expect(home.text).toContain(join(homedir(), 'nowhere.pem'));
});

test('a private key is no certificate', async () => {
  const folder = await createTempFolder();
  await mkdir(join(folder, 'keys'));
  const path = join(folder, 'keys/root.pem');
  await writeFile(path, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const { text } = await refusal({ user: 'u', database: 'd', sslrootcert: path });
  expect(text).toContain(`expected certificates in PEM at ${dirname(path)}`);
});
