import { execFile } from 'node:child_process';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { createTempFolder } from '../support/temp-folder.js';

/** The promise is 1 s; a loaded machine may need another to start Node. */
const WITHIN_MS = 2000;
const START = `runners:
  - {name: trades, type: consumer, variety: socket, uri: wss://feed.example/v1}
`;

/** Validates the file and returns what was said; it must be refused, and in time. */
async function expectRefused(folder: string, file: string): Promise<string> {
  const cli = startCli(['validate', file], { home: folder, cwd: folder });
  const { afterMs } = await cli.expectExit(2, 20_000);
  expect(afterMs, 'ms from start to exit').toBeLessThan(WITHIN_MS);
  expect(cli.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  return cli.stderr;
}

async function expectTextRefused(text: string): Promise<string> {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'config.yml'), text);
  return expectRefused(folder, 'config.yml');
}

test('a configuration of 100 MB is refused without being read', async () => {
  const folder = await createTempFolder();
  const file = await open(join(folder, 'config.yml'), 'w');
  await file.write(START);
  await file.truncate(100 * 1024 * 1024);
  await file.close();
  expect(await expectRefused(folder, 'config.yml')).toMatch(/104857600.*\[config\.size\]/);
});

test('a configuration of 2 MB is refused with its place and the limit', async () => {
  const text = `${START}x-text: "${'y'.repeat(2_000_000)}"\n`;
  expect(await expectTextRefused(text)).toMatch(/^config\.yml:1:1: .*1048576.*\[config\.size\]/);
});

test('twenty thousand keys in one map do not take longer than a second', async () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `  k${index}: 1\n`).join('');
  const stderr = await expectTextRefused(`runers:\n${START}x-keys:\n${keys}`);
  expect(stderr).toMatch(/config\.(unknown_key|size|yaml)/);
});

test('a file of nothing but mistakes gives an answer that a person can read', async () => {
  const stderr = await expectTextRefused('\t a: [}\n'.repeat(20_000));
  expect(stderr).toContain('config.yml:1:1: ');
  expect(stderr.length).toBeLessThan(100_000);
});

test('aliases of aliases through merges are refused', async () => {
  const level = (index: number) =>
    `x-${index}: &l${index} {<<: [${Array(9)
      .fill(`*l${index - 1}`)
      .join(', ')}]}\n`;
  const levels = Array.from({ length: 50 }, (_, index) => level(index + 1)).join('');
  expect(await expectTextRefused(`x-0: &l0 {k: 1}\n${levels}${START}`)).toContain('[config.yaml]');
});

test.each([
  ['brackets', '['.repeat(5000) + ']'.repeat(5000)],
  ['braces', `${'{a: '.repeat(5000)}1${'}'.repeat(5000)}`],
  ['brackets over many lines', `${'[\n  '.repeat(5000)}1`],
  ['dashes', `\n  ${'- '.repeat(5000)}x`],
  ['explicit keys', `\n  ${'? '.repeat(5000)}x`],
  ['dashes and explicit keys', `\n  ${'- ? '.repeat(5000)}x`],
  ['indentation', Array.from({ length: 1200 }, (_, depth) => `\n${' '.repeat(depth + 1)}a:`).join('')],
])('five thousand levels of %s are refused with a place', async (_, value) => {
  const stderr = await expectTextRefused(`${START}x-deep: ${value}\n`);
  expect(stderr).toMatch(/^config\.yml:\d+:\d+: .*\[config\.yaml\]/);
  expect(stderr).not.toContain('call stack');
});

test('random bytes are refused with a place', async () => {
  const folder = await createTempFolder();
  const bytes = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 89) % 256));
  await writeFile(join(folder, 'config.yml'), bytes);
  expect(await expectRefused(folder, 'config.yml')).toMatch(/^config\.yml:\d+:\d+: .*\[config\.encoding\]/);
});

test('an empty file is refused and says how a configuration begins', async () => {
  const stderr = await expectTextRefused('');
  expect(stderr).toMatch(/^config\.yml:1:1: .*runners.*\[config\./);
});

test('a folder as configuration is refused', async () => {
  const folder = await createTempFolder();
  await mkdir(join(folder, 'config.yml'));
  expect(await expectRefused(folder, 'config.yml')).toContain('[config.unreadable]');
});

test('a FIFO as configuration is refused and does not hang', async () => {
  const folder = await createTempFolder();
  await promisify(execFile)('mkfifo', [join(folder, 'config.yml')]);
  expect(await expectRefused(folder, 'config.yml')).toContain('[config.unreadable]');
});

test('a character that drives terminals is not printed as it stands', async () => {
  const stderr = await expectTextRefused(`${START}colour: "\u{1b}[31mred"\n`);
  expect(stderr).toContain('config.unknown_key');
  expect(stderr).not.toContain('\u{1b}');
});
