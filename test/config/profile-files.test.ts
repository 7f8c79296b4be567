import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli.js';
import { createTempFolder } from '../support/temp-folder.js';

const CONFIG = `runners:
  - {name: trades, type: consumer, variety: socket, uri: wss://feed.example/v1}
  - name: warehouse
    type: producer
    variety: postgres
    depends_on: [trades]
    profile: postgres
`;
/** Where the configuration names the profile. */
const PLACE = /config\.yml:7:14: /;
const ENTRY = 'postgres: {user: postgres, password: canary-password, database: test}\n';
const IS_ROOT = process.getuid?.() === 0;

interface Place {
  readonly home: string;
  readonly folder: string;
  readonly validate: (env?: Readonly<Record<string, string>>) => CliProcess;
}

async function createPlace(): Promise<Place> {
  const home = await createTempFolder();
  const folder = join(home, '.socket_el');
  await mkdir(folder, { mode: 0o700 });
  await writeFile(join(home, 'config.yml'), CONFIG);
  const validate = (env = {}) => startCli(['validate', 'config.yml'], { home, cwd: home, env });
  return { home, folder, validate };
}

async function writeProfile(path: string, mode = 0o600): Promise<void> {
  await writeFile(path, ENTRY);
  await chmod(path, mode);
}

/** Validates and returns what was said on standard error, which must not hold the password. */
async function expectRefused({ validate }: Place): Promise<string> {
  const cli = validate();
  await cli.expectExit(2, 10_000);
  expect(cli.stderr + cli.stdout).not.toContain('canary-password');
  return cli.stderr;
}

test('a profile that only its owner can use is accepted without a word', async () => {
  const place = await createPlace();
  await writeProfile(join(place.folder, 'profile.yml'));
  const cli = place.validate();
  await cli.expectExit(0);
  expect(cli.stderr).toBe('');
});

test('a missing profile file is shown where the configuration names the entry, with the file to write', async () => {
  const place = await createPlace();
  const stderr = await expectRefused(place);
  expect(stderr).toMatch(PLACE);
  expect(stderr).toContain('[profile.unknown]');
  expect(stderr).toContain(join(place.folder, 'profile.yml'));
});

test.each([0o620, 0o602, 0o666])(
  'a profile of mode %o is refused with the command that repairs it',
  async (mode) => {
    const place = await createPlace();
    const path = join(place.folder, 'profile.yml');
    await writeProfile(path, mode);
    const stderr = await expectRefused(place);
    expect(stderr).toMatch(PLACE);
    expect(stderr).toContain('[profile.unsafe]');
    expect(stderr).toContain(`chmod 600 ${path}`);
  },
);

test('a profile that others can read is accepted with a warning and the command that repairs it', async () => {
  const place = await createPlace();
  const path = join(place.folder, 'profile.yml');
  await writeProfile(path, 0o644);
  const cli = place.validate();
  await cli.expectExit(0);
  expect(cli.stderr).toContain(`chmod 600 ${path}`);
});

test.runIf(IS_ROOT)('a profile of another user is refused with the command that repairs it', async () => {
  const place = await createPlace();
  const path = join(place.folder, 'profile.yml');
  await writeProfile(path);
  await chown(path, 65_534, 65_534);
  expect(await expectRefused(place)).toMatch(/\[profile\.unsafe\][\s\S]*chown \d+ /);
});

test('a FIFO as profile is refused and does not hang', async () => {
  const place = await createPlace();
  await promisify(execFile)('mkfifo', ['-m', '600', join(place.folder, 'profile.yml')]);
  const stderr = await expectRefused(place);
  expect(stderr).toMatch(PLACE);
  expect(stderr).toContain('[profile.unsafe]');
});

test('a link to a FIFO is refused as the FIFO is', async () => {
  const place = await createPlace();
  await promisify(execFile)('mkfifo', ['-m', '600', join(place.home, 'pipe')]);
  await symlink(join(place.home, 'pipe'), join(place.folder, 'profile.yml'));
  expect(await expectRefused(place)).toContain('[profile.unsafe]');
});

test('profile.yml beside profile.yaml is refused and both are named', async () => {
  const place = await createPlace();
  await writeProfile(join(place.folder, 'profile.yml'));
  await writeProfile(join(place.folder, 'profile.yaml'));
  const stderr = await expectRefused(place);
  expect(stderr).toMatch(/profile\.yml and profile\.yaml[\s\S]*\[profile\.ambiguous\]/);
});

test('SOCKET_EL_PROFILE is used instead of the files in ~/.socket_el', async () => {
  const place = await createPlace();
  await writeProfile(join(place.folder, 'profile.yml'), 0o666);
  const path = join(place.home, 'other.yml');
  await writeProfile(path);
  await place.validate({ SOCKET_EL_PROFILE: path }).expectExit(0);
});

test('a profile in UTF-16 is refused with its own place', async () => {
  const place = await createPlace();
  const path = join(place.folder, 'profile.yml');
  await writeFile(path, Buffer.from(`\u{feff}${ENTRY}`, 'utf16le'), { mode: 0o600 });
  expect(await expectRefused(place)).toMatch(/profile\.yml:1:1: .*\[config\.encoding\]/);
});
