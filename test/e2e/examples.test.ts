import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { createTempFolder } from '../support/temp-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the configuration of the example plug-in is without problems', async () => {
  const home = await createTempFolder();
  const cli = startCli(['validate', join(ROOT, 'examples/plugin/config.yml')], { home, cwd: home });
  await cli.expectExit(0);
  expect(cli.stdout).toContain('ticks: consumer, lines');
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
