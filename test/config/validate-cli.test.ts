import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli.js';
import { type ConfigFixture, copyProfile, findFixture, parsePrinted } from '../support/config-fixtures.js';
import { createTempFolder } from '../support/temp-folder.js';

/** At least one fixture of each class; all of them run in process in fixtures.test.ts. */
const FIXTURES = [
  'bad-reference/depends-on-a-producer',
  'bad-value/address',
  'cycle/three-producers',
  'duplicate/names-by-case',
  'encoding/byte-order-mark',
  'encoding/latin-1',
  'env/missing-variable',
  'missing/depends-on',
  'nasty/octal-name',
  'nasty/proto-at-top',
  'out-of-range/zero-size',
  'profile/bad-sslmode',
  'profile/unknown-entry',
  'tabs/indentation',
  'unknown-key/several-at-once',
  'unknown-name/variety',
  'wrong-type/numbers',
  'yaml-syntax/alias-bomb',
  'yaml-syntax/custom-tag',
];
const VALID = ['valid/sample', 'valid/everything', 'valid/anchors-and-merges', 'valid/env-defaults'];

async function validate(fixture: ConfigFixture): Promise<CliProcess> {
  const folder = await createTempFolder();
  const profiles = (await copyProfile(fixture)).flatMap((file) => ['--profile-file', file]);
  const { env } = fixture;
  return startCli(['validate', fixture.path, ...profiles], { home: folder, cwd: folder, env });
}

/** The line of the file that a problem names, as the output must show it. */
async function lineOf({ path, profile }: ConfigFixture, place: string): Promise<string> {
  const [name, line] = place.split(':');
  const file = [path, profile].find((each) => each && basename(each) === name);
  return (await readFile(file as string, 'utf8')).split(/\r?\n/)[Number(line) - 1] ?? '';
}

test.each(FIXTURES)('validate ends with exit 2 and prints the problems of %s', async (title) => {
  const fixture = findFixture(title);
  const cli = await validate(fixture);
  await cli.expectExit(2);
  const problems = parsePrinted(cli.stderr.replace(/\n\n\d+ problems?\n$/, ''));
  expect(problems.map(({ place }) => place).toSorted(), cli.stderr).toEqual(fixture.expected);
  expect(cli.stdout).toBe('');
  const count = problems.length;
  expect(cli.stderr.endsWith(`\n\n${count} ${count === 1 ? 'problem' : 'problems'}\n`)).toBe(true);
});

test.each(FIXTURES.filter((title) => !/^(encoding|profile)\//.test(title)))(
  'validate shows the lines of the problems of %s, each with a caret',
  async (title) => {
    const fixture = findFixture(title);
    const cli = await validate(fixture);
    await cli.expectExit(2);
    for (const place of fixture.expected) {
      const [, , column = ''] = place.split(/[: ]/);
      const line = await lineOf(fixture, place);
      const caret = `${' '.repeat(4 + Number(column) - 1)}^`;
      expect(cli.stderr).toContain(`    ${line.replaceAll('\t', ' ')}\n${caret}\n`);
    }
  },
);

test.each(VALID)('validate ends with exit 0 for %s and lists its runners', async (title) => {
  const cli = await validate(findFixture(title));
  await cli.expectExit(0);
  expect(cli.stderr).toBe('');
  expect(cli.stdout).toMatch(/: pipeline \S+, \d+ runners, no problems\n( {2}\S+: \w+, \w+\n)+$/);
});
