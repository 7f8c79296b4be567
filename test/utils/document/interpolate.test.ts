// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of a configuration are written like this.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interpolate } from '../../../src/utils/document/interpolate.js';
import { createTempFolder } from '../../support/temp-folder.js';

const ENV = { TOKEN: 'abc', EMPTY: '', YAML: '}: *x\n- [', REFERENCE: '${env:TOKEN}', DOLLARS: '$&$1$$' };

const resolved = (value: unknown, folder = '/') => interpolate(value, { env: ENV, folder });
const valueFrom = (value: unknown) => resolved(value).value;
const codesOf = (value: unknown) => resolved(value).problems.map(({ code }) => code);

test.each([
  ['Bearer ${env:TOKEN}', 'Bearer abc'],
  ['${env:TOKEN}/${env:TOKEN}', 'abc/abc'],
  ['${env:EMPTY}', ''],
  ['${env:EMPTY:-default}', ''],
  ['${env:MISSING:-default}', 'default'],
  ['${env:MISSING:-}', ''],
  ['${env:MISSING:-a:-b}', 'a:-b'],
  ['${env:MISSING:-two\nlines}', 'two\nlines'],
  ['${env:TOKEN:-unused}', 'abc'],
  ['$${env:TOKEN}', '${env:TOKEN}'],
  ['$TOKEN and $5', '$TOKEN and $5'],
  ['{env:TOKEN}', '{env:TOKEN}'],
  ['', ''],
])('%j becomes %j', (text, expected) => {
  expect(resolved(text)).toMatchObject({ value: expected, problems: [] });
});

test('what comes in is text and is not read again as YAML, a reference or a pattern', () => {
  expect(valueFrom('${env:YAML}')).toBe(ENV.YAML);
  expect(valueFrom('${env:REFERENCE}')).toBe('${env:TOKEN}');
  expect(valueFrom('<${env:DOLLARS}>')).toBe('<$&$1$$>');
});

test('only texts are looked into, at any depth, and keys are left as they are', () => {
  const value = { a: [1, true, null, { '${env:TOKEN}': '${env:TOKEN}' }], b: 1.5 };
  expect(valueFrom(value)).toEqual({ a: [1, true, null, { '${env:TOKEN}': 'abc' }], b: 1.5 });
});

test('a key __proto__ stays a key', () => {
  const value = valueFrom(JSON.parse('{"__proto__": {"a": "${env:TOKEN}"}}')) as object;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(JSON.stringify(value)).toBe('{"__proto__":{"a":"abc"}}');
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test('every value that came in is told as a secret, defaults too', () => {
  expect(resolved(['${env:TOKEN}', 'x ${env:MISSING:-fallback}']).secrets).toEqual(['abc', 'fallback']);
});

test('a missing variable is a problem at its path with the way to set it', () => {
  const { problems, value } = resolved({ headers: { a: ['${env:MISSING}'] } });
  expect(value).toEqual({ headers: { a: ['${env:MISSING}'] } });
  expect(problems).toEqual([
    {
      path: ['headers', 'a', 0],
      code: 'environment.missing_variable',
      message: 'expected the environment variable MISSING, it is not set',
      hint: 'export MISSING=… or give a default: ${env:MISSING:-default}',
    },
  ]);
});

test('every missing variable of a text is a problem of its own', () => {
  expect(codesOf('${env:A_}${env:B_}')).toHaveLength(2);
});

test.each([
  '${TOKEN}',
  '${env:1X}',
  '${env:}',
  '${}',
  '${file:}',
  '${ env:TOKEN }',
  '${ENV:TOKEN}',
  '${env:A-B}',
])('%j is a malformed reference', (text) => {
  expect(codesOf(text)).toEqual(['config.reference']);
  expect(resolved(text).problems[0]?.message).toContain(text);
});

test('a reference that is not closed is malformed', () => {
  expect(codesOf('Bearer ${env:TOKEN')).toEqual(['config.reference']);
});

test('a file is read relative to the folder, without the newline at its end', async () => {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'token.txt'), 'first\nsecond\r\n');
  const { value, secrets, problems } = resolved('<${file:token.txt}>', folder);
  expect({ value, secrets, problems }).toEqual({
    value: '<first\nsecond>',
    secrets: ['first\nsecond'],
    problems: [],
  });
  expect(resolved(`\${file:${join(folder, 'token.txt')}}`).value).toBe('first\nsecond');
});

test.each([
  ['a missing file', async () => {}],
  ['a folder', (path: string) => mkdir(path)],
  ['a file of more than 64 KiB', (path: string) => writeFile(path, 'x'.repeat(64 * 1024 + 1))],
])('%s is a problem that names it', async (_, create) => {
  const folder = await createTempFolder();
  await create(join(folder, 'token'));
  const { problems } = resolved('${file:token}', folder);
  expect(problems.map(({ code }) => code)).toEqual(['environment.unreadable_file']);
  expect(problems[0]?.message).toContain(join(folder, 'token'));
});

test('a device that never ends is not read', () => {
  expect(codesOf('${file:/dev/zero}')).toEqual(['environment.unreadable_file']);
});
