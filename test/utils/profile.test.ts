// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of a configuration are written like this.
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { findProfileFiles, loadProfile, profileWarnings } from '../../src/utils/profile.js';
import { createTempFolder } from '../support/temp-folder.js';

const SCHEMA = z.strictObject({
  user: z.string(),
  password: z.string().optional(),
  port: z.int().default(5432),
});
const ENTRY = 'postgres: {user: postgres, password: canary-password}\n';
const IS_ROOT = process.getuid?.() === 0;

interface Home {
  readonly folder: string;
  /** Writes a file below `.socket_el`, which only its owner can use unless another mode is given. */
  write(name: string, text?: string, mode?: number): Promise<string>;
}

/** A home of its own for this process, until the test ends. */
async function createHome(): Promise<Home> {
  const home = await createTempFolder();
  const { HOME } = process.env;
  process.env.HOME = home;
  onTestFinished(() => {
    process.env.HOME = HOME;
  });
  const folder = join(home, '.socket_el');
  await mkdir(folder);
  const write = async (name: string, text = ENTRY, mode = 0o600) => {
    const path = join(folder, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  };
  return { folder, write };
}

async function load(files: readonly string[], name = 'postgres') {
  const secrets: string[] = [];
  const entry = await loadProfile(files, name, SCHEMA, (secret) => secrets.push(secret));
  return { entry, secrets };
}

const refusal = (files: readonly string[], name?: string) =>
  load(files, name).then(
    () => ({ code: 'none', message: '', hint: '' }),
    ({ code, message, hint }) => ({ code, message, hint }),
  );

test.each(['profile.yml', 'profile.yaml'])('%s in ~/.socket_el is found', async (name) => {
  const home = await createHome();
  const path = await home.write(name);
  expect(findProfileFiles([], {})).toEqual([path]);
});

test('without a profile file there is none to use', async () => {
  await createHome();
  expect(findProfileFiles([], {})).toEqual([]);
});

test('both spellings are refused and the message names them', async () => {
  const home = await createHome();
  await home.write('profile.yml');
  await home.write('profile.yaml');
  expect(() => findProfileFiles([], {})).toThrow(
    expect.objectContaining({ code: 'profile.ambiguous', message: expect.stringContaining(home.folder) }),
  );
});

test('SOCKET_EL_PROFILE goes before ~/.socket_el, and files that are given before both', async () => {
  const home = await createHome();
  await home.write('profile.yml');
  await home.write('profile.yaml');
  const [fromEnv, given, other] = [
    await home.write('environment.yml'),
    await home.write('given.yml'),
    await home.write('other.yml'),
  ];
  const env = { SOCKET_EL_PROFILE: fromEnv };
  expect(findProfileFiles([], env)).toEqual([fromEnv]);
  expect(findProfileFiles([relative(process.cwd(), given), other], env)).toEqual([given, other]);
});

test('an empty SOCKET_EL_PROFILE counts as not set', async () => {
  const home = await createHome();
  const path = await home.write('profile.yml');
  expect(findProfileFiles([], { SOCKET_EL_PROFILE: '' })).toEqual([path]);
});

test('an entry is read with its defaults, and its password is told as a secret', async () => {
  const home = await createHome();
  expect(await load([await home.write('profile.yml')])).toEqual({
    entry: { user: 'postgres', password: 'canary-password', port: 5432 },
    secrets: ['canary-password'],
  });
});

test('of several files a later one overrides whole entries of an earlier one', async () => {
  const home = await createHome();
  const first = await home.write('a.yml', 'postgres: {user: first, port: 1}\nonly_first: {user: x}\n');
  const second = await home.write('b.yml', 'postgres: {user: second}\n');
  const files = [first, second];
  expect((await load(files)).entry).toEqual({ user: 'second', port: 5432 });
  expect((await load(files, 'only_first')).entry).toMatchObject({ user: 'x' });
  expect((await load([second, first])).entry).toEqual({ user: 'first', port: 1 });
});

test('references are resolved, relative to the profile’s folder, and told as secrets', async () => {
  const home = await createHome();
  await home.write('password.txt', 'canary-from-file\n');
  const path = await home.write('p.yml', "postgres: {user: u, password: '${file:password.txt}'}\n");
  const { entry, secrets } = await load([path]);
  expect(entry.password).toBe('canary-from-file');
  expect(secrets).toContain('canary-from-file');
});

test.each(['012', '0x1F', '1e5', '1.10', '007'])(
  'a password %s without quotes is taken as it stands, or refused',
  async (text) => {
    const home = await createHome();
    const path = await home.write('p.yml', `postgres: {user: u, password: ${text}}\n`);
    const found = await load([path]).then(
      ({ entry }) => entry.password,
      ({ code }) => code,
    );
    expect([text, 'config.type', 'config.value']).toContain(found);
  },
);

test('an unknown entry is answered with the nearest and all that are known', async () => {
  const home = await createHome();
  const path = await home.write('p.yml', 'postgres: {user: u}\nwarehouse: {user: u}\n');
  const { code, message, hint } = await refusal([path], 'warehose');
  expect(code).toBe('profile.unknown');
  expect(message).toContain(path);
  expect(hint).toMatch(/warehouse.*postgres, warehouse/);
});

test('without any file the answer says where to write the entry', async () => {
  const home = await createHome();
  const { code, hint } = await refusal([]);
  expect(code).toBe('profile.unknown');
  expect(hint).toContain(join(home.folder, 'profile.yml'));
});

test.each(['__proto__', 'constructor', 'toString'])(
  '%s is not an entry unless it is written',
  async (name) => {
    const home = await createHome();
    expect(await refusal([await home.write('p.yml')], name)).toMatchObject({ code: 'profile.unknown' });
  },
);

test('a file that is not there is refused by its path', async () => {
  const home = await createHome();
  const { code, message } = await refusal([join(home.folder, 'nowhere.yml')]);
  expect(code).toBe('profile.missing');
  expect(message).toContain('nowhere.yml');
});

test.each([0o620, 0o602, 0o666, 0o777])('a file of mode %o, writable by others, is refused', async (mode) => {
  const home = await createHome();
  const path = await home.write('p.yml', ENTRY, mode);
  expect(await refusal([path])).toMatchObject({ code: 'profile.unsafe', hint: `run: chmod 600 ${path}` });
});

test.each([0o640, 0o604, 0o644])(
  'a file of mode %o, readable by others, is used with a warning',
  async (mode) => {
    const home = await createHome();
    const path = await home.write('p.yml', ENTRY, mode);
    expect((await load([path])).entry.user).toBe('postgres');
    expect(profileWarnings([path])).toEqual([`${path} can be read by others; run: chmod 600 ${path}`]);
  },
);

test.each([0o600, 0o400])('a file of mode %o is used without a warning', async (mode) => {
  const home = await createHome();
  const path = await home.write('p.yml', ENTRY, mode);
  expect((await load([path])).entry.user).toBe('postgres');
  expect(profileWarnings([path])).toEqual([]);
});

test.runIf(IS_ROOT)('a file of another user is refused with the way to own it', async () => {
  const home = await createHome();
  const path = await home.write('p.yml');
  await chown(path, 65_534, 65_534);
  const { code, hint } = await refusal([path]);
  expect(code).toBe('profile.unsafe');
  expect(hint).toContain(`chown ${process.getuid?.()} ${path}`);
});

test('a FIFO is refused and does not hang', async () => {
  const home = await createHome();
  const path = join(home.folder, 'profile.yml');
  await promisify(execFile)('mkfifo', ['-m', '600', path]);
  expect(findProfileFiles([], {})).toEqual([path]);
  expect(await refusal([path])).toMatchObject({ code: 'profile.unsafe' });
}, 5000);

test('a folder is refused', async () => {
  const home = await createHome();
  expect(await refusal([home.folder])).toMatchObject({ code: 'profile.unsafe' });
});

test('a refusal says what is wrong with the file', async () => {
  const home = await createHome();
  const path = await home.write('p.yml', ENTRY, 0o666);
  expect((await refusal([path])).message).toMatch(/0?666|writable by|others can write/);
});

test('a symbolic link is judged by what it leads to', async () => {
  const home = await createHome();
  const [safe, unsafe] = [await home.write('safe.yml'), await home.write('unsafe.yml', ENTRY, 0o666)];
  const link = join(home.folder, 'link.yml');
  await symlink(safe, link);
  expect((await load([link])).entry.user).toBe('postgres');
  const other = join(home.folder, 'other.yml');
  await symlink(unsafe, other);
  expect(await refusal([other])).toMatchObject({ code: 'profile.unsafe' });
});

test('a symbolic link that leads nowhere is refused by name', async () => {
  const home = await createHome();
  const link = join(home.folder, 'profile.yml');
  await symlink(join(home.folder, 'gone.yml'), link);
  const files = findProfileFiles([], {});
  const { code, message } = await refusal(files.length > 0 ? files : [link]);
  expect(code).toBe('profile.missing');
  expect(message).toContain(link);
});

test.each([
  ['an unknown key', 'postgres: {user: u, password: canary-password, databse: test}\n'],
  ['a password under another key', 'postgres:\n  user: u\n  passwort: canary-password\n'],
  ['a whole address', 'postgres: postgres://u:canary-password@127.0.0.1/test\n'],
  ['an unclosed brace', 'postgres: {user: u, password: canary-password\n'],
  ['a doubled key', 'postgres: {password: canary-password, password: canary-password}\n'],
  ['a tag', 'postgres: {password: !secret canary-password}\n'],
  ['a list of passwords', 'postgres: {user: u, password: [canary-password]}\n'],
  ['a password as port', 'postgres: {user: u, port: canary-password}\n'],
])('a profile with %s is refused without showing the password', async (_, text) => {
  const home = await createHome();
  const path = await home.write('p.yml', text);
  const { code, message, hint } = await refusal([path]);
  expect(code).toMatch(/^config\./);
  expect(`${message}\n${hint}`).not.toContain('canary-password');
});
