import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli.js';
import { createTempFolder } from '../support/temp-folder.js';

const CONFIG = `runners:
  - {name: trades, type: consumer, variety: file, path: trades.ndjson}
  - {name: screen, type: producer, variety: console, depends_on: [trades]}
`;

async function start(...args: string[]): Promise<CliProcess> {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'config.yml'), CONFIG);
  await writeFile(join(folder, 'trades.ndjson'), '{"seq":0}\n');
  return startCli(args, { home: folder, cwd: folder });
}

/** Runs what must be refused as wrong usage: exit 2, nothing on standard output, no stack trace. */
async function expectUsageError(...args: string[]): Promise<string> {
  const cli = await start(...args);
  await cli.expectExit(2);
  expect(cli.stdout).toBe('');
  expect(cli.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  return cli.stderr;
}

test.each(['--version', '-V'])('%s prints the version of the package', async (option) => {
  const cli = await start(option);
  await cli.expectExit(0);
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(cli.stdout).toBe(`${version}\n`);
  expect(cli.stderr).toBe('');
});

test('--help names every verb', async () => {
  const cli = await start('--help');
  await cli.expectExit(0);
  for (const verb of ['run', 'validate', 'doctor', 'feed'])
    expect(cli.stdout).toMatch(new RegExp(`^ +${verb}\\b`, 'm'));
});

test.each([
  [
    'run',
    [
      '--only',
      '--profile-file',
      '--for',
      '--max-messages',
      '--json',
      '--log-format',
      '--no-progress',
      '--grace',
    ],
  ],
  ['validate', ['--profile-file']],
  ['doctor', ['--only', '--profile-file', '--wait', '--json']],
])('%s --help names every option', async (verb, options) => {
  const cli = await start(verb, '--help');
  await cli.expectExit(0);
  for (const option of options) expect(cli.stdout).toContain(option);
});

test('feed serve --help names every option', async () => {
  const cli = await start('feed', 'serve', '--help');
  await cli.expectExit(0);
  for (const option of ['--host', '--port', '--rate', '--count', '--seed', '--replay', '--close'])
    expect(cli.stdout).toContain(option);
});

test('no verb at all is answered with the help', async () => {
  const cli = await start();
  await cli.expectExit(2);
  expect(cli.stderr).toContain('Usage: socket-el');
});

test('an unknown verb is refused with the nearest one', async () => {
  expect(await expectUsageError('vlidate', 'config.yml')).toMatch(/vlidate[\s\S]*validate/);
});

test('an unknown option is refused with the nearest one', async () => {
  expect(await expectUsageError('run', 'config.yml', '--jsn')).toMatch(/--jsn[\s\S]*--json/);
});

test.each(['run', 'validate'])('%s without a configuration is refused', async (verb) => {
  expect(await expectUsageError(verb)).toMatch(/config/);
});

test.each(['run', 'validate'])('%s with two configurations is refused', async (verb) => {
  expect(await expectUsageError(verb, 'config.yml', 'other.yml')).toMatch(/argument/);
});

test.each(['run', 'validate'])('%s of a configuration that is not there names it', async (verb) => {
  expect(await expectUsageError(verb, 'cnofig.yml')).toMatch(/cnofig\.yml[\s\S]*\[config\.unreadable\]/);
});

test('--only with an unknown name is refused with the nearest one', async () => {
  const stderr = await expectUsageError('run', 'config.yml', '--only', 'trade');
  expect(stderr).toMatch(/--only.*"trade".*\[usage\.argument\]/);
  expect(stderr).toContain('did you mean trades?');
});

test('--only with a name far from all lists them', async () => {
  const stderr = await expectUsageError('run', 'config.yml', '--only', 'trades', 'warehouse');
  expect(stderr).toMatch(/"warehouse"[\s\S]*trades, screen/);
});

test('every unknown name of --only is shown', async () => {
  expect(await expectUsageError('run', 'config.yml', '--only', 'one', 'two')).toMatch(/one[\s\S]*two/);
});

test.each([
  ['--for', '10'],
  ['--for', 'ten seconds'],
  ['--for', '-1s'],
  ['--for', ''],
  ['--for', '60d'],
  ['--grace', 'soon'],
  ['--max-messages', '0'],
  ['--max-messages', '-1'],
  ['--max-messages', '1.5'],
  ['--max-messages', 'many'],
  ['--max-messages', '99999999999999999999'],
  ['--log-format', 'xml'],
])('run %s %j is refused, naming option, value and expectation', async (option, value) => {
  const stderr = await expectUsageError('run', 'config.yml', `${option}=${value}`);
  expect(stderr).toContain(option);
  expect(stderr).toContain(`'${value}'`);
  expect(stderr).toMatch(/expected|Allowed choices/);
});

test.each([
  ['--port', 'http'],
  ['--port', '65536'],
  ['--rate', '-1'],
  ['--count', '0'],
  ['--seed', 'x'],
])('feed serve %s %j is refused, naming the option', async (option, value) => {
  expect(await expectUsageError('feed', 'serve', `${option}=${value}`)).toContain(option);
});

test('a run of a finite source ends with exit 0 and one JSON object on standard output', async () => {
  const cli = await start('run', 'config.yml', '--json', '--no-progress', '--only', 'trades');
  await cli.expectExit(0);
  expect(cli.summary()).toMatchObject({ status: 'succeeded', ended_by: 'source' });
});
