import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CliProcess, startCli } from '../support/cli.js';
import { createTempFolder } from '../support/temp-folder.js';

const ADDRESS = 'postgres://app:canary-password@127.0.0.1:5/db';

function start(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): CliProcess {
  return startCli([...args], { home: folder, cwd: folder, env });
}

async function init(folder: string, ...args: string[]): Promise<CliProcess> {
  const cli = start(folder, ['init', ...args]);
  await cli.expectExit(0);
  return cli;
}

test.each(['coinbase', 'binance', 'kraken', 'generic'])(
  'init --feed %s writes a configuration and a profile that have no problems',
  async (feed) => {
    const folder = await createTempFolder();
    const { stdout } = await init(folder, 'mine', '--feed', feed);
    expect(stdout).toContain('socket-el doctor mine.yml');
    const text = await readFile(join(folder, 'mine.yml'), 'utf8');
    expect(parse(text)).toMatchObject({
      name: 'mine',
      runners: [{ variety: 'socket' }, { variety: 'postgres' }],
    });
    expect(text.split('\n').filter((line) => line.includes('#')).length).toBeGreaterThan(8);
    expect(text).not.toContain(`examples/feeds/${feed}`);
    const cli = start(folder, ['validate', 'mine.yml'], { DATABASE_URL: ADDRESS });
    await cli.expectExit(0);
  },
);

test('the profile is for its owner alone, has the address from the variable that is named, and the schema feeds', async () => {
  const folder = await createTempFolder();
  await init(folder, 'mine', '--url-env', 'PG_ADDRESS');
  const file = join(folder, '.socket_el/profile.yml');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(parse(await readFile(file, 'utf8'))).toEqual({
    postgres: { url: `$\{env:PG_ADDRESS}`, schema: 'feeds' },
  });
  const missing = start(folder, ['validate', 'mine.yml']);
  await missing.expectExit(2);
  expect(missing.stderr).toContain('expected the environment variable PG_ADDRESS, it is not set');
});

test('a configuration or profile that is there stays, unless --force says otherwise of the configuration', async () => {
  const folder = await createTempFolder();
  await mkdir(join(folder, '.socket_el'));
  await writeFile(join(folder, '.socket_el/profile.yml'), 'other: {}\n', { mode: 0o600 });
  await writeFile(join(folder, 'mine.yml'), 'mine\n');
  const refused = start(folder, ['init', 'mine']);
  await refused.expectExit(2);
  expect(refused.stderr).toContain('[usage.argument]');
  expect(await readFile(join(folder, 'mine.yml'), 'utf8')).toBe('mine\n');
  const { stdout } = await init(folder, 'mine', '--force');
  expect(stdout).toContain('profile.yml: left as it is');
  expect(await readFile(join(folder, '.socket_el/profile.yml'), 'utf8')).toBe('other: {}\n');
  expect(await readFile(join(folder, 'mine.yml'), 'utf8')).toContain('name: mine');
});

test.each([
  [['mine', '--feed', 'krakn'], 'feeds: binance,'],
  [['mine', '--url-env', ADDRESS], 'expected the name of an environment variable, not its value'],
  [['../mine'], 'expected letters, digits'],
])('init %s is refused', async (args, message) => {
  const folder = await createTempFolder();
  const cli = start(folder, ['init', ...args]);
  await cli.expectExit(2);
  expect(cli.stderr).toContain(message);
  expect(await stat(join(folder, 'mine.yml')).catch(() => 'none')).toBe('none');
});
