import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { createTempFolder } from '../support/temp-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the example plug-in puts the time, and the console prints it', async () => {
  const folder = await createTempFolder();
  await cp(join(ROOT, 'examples/plugin'), folder, { recursive: true });
  await mkdir(join(folder, 'node_modules'));
  await symlink(ROOT, join(folder, 'node_modules/socket-el'));
  await symlink(join(ROOT, 'node_modules/zod'), join(folder, 'node_modules/zod'));
  const cli = startCli(['run', join(folder, 'config.yml'), '--max-messages', '3', '--no-progress'], {
    home: folder,
    cwd: folder,
  });
  await cli.expectExit(0);
  const rows = cli.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { now: string });
  expect(rows).toHaveLength(3);
  for (const { now } of rows) expect(Date.parse(now)).toBeLessThanOrEqual(Date.now());
});

test('the example configuration and profile are without problems', async () => {
  const home = await createTempFolder();
  const profile = join(home, 'profile.yml');
  await cp(join(ROOT, 'profiles.example.yml'), profile);
  const cli = startCli(['validate', join(ROOT, 'config.example.yml'), '--profile-file', profile], {
    home,
    cwd: home,
  });
  await cli.expectExit(0);
  expect(cli.stdout).toContain('3 runners, no problems');
});

test('the configuration and profile that the README shows are without problems', async () => {
  const home = await createTempFolder();
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [config, profile] = [...readme.matchAll(/```yaml\n([^`]*)```/g)].map((match) => match[1] as string);
  await mkdir(join(home, '.socket_el'));
  await writeFile(join(home, '.socket_el/profile.yml'), profile as string, { mode: 0o600 });
  await writeFile(join(home, 'config.yml'), config as string);
  const cli = startCli(['validate', join(home, 'config.yml')], { home, cwd: home });
  await cli.expectExit(0);
  expect(cli.stdout).toContain('2 runners, no problems');
});
