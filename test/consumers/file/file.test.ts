import { appendFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileVariety } from '../../../src/consumers/file/index.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { createConsuming } from '../consuming.js';

async function readFileOf(folder: string): Promise<string[]> {
  const consuming = await createConsuming(folder, fileVariety, { path: 'rows.ndjson' });
  await consuming.run();
  return consuming.lines();
}

async function folderWith(content: string | Buffer): Promise<string> {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'rows.ndjson'), content);
  return folder;
}

const LONG = JSON.stringify('x'.repeat(3 * 2 ** 20));

test.each<[string, string, string[]]>([
  ['lines', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
  ['no newline at its end', '{"a":1}\n{"a":2}', ['{"a":1}', '{"a":2}']],
  ['CRLF', '{"a":1}\r\n{"a":2}\r\n', ['{"a":1} ', '{"a":2} ']],
  ['empty lines', '\n\n{"a":1}\n\r\n\n{"a":2}\n\n', ['{"a":1}', '{"a":2}']],
  ['nothing in it', '', []],
  ['a line of 3 MB between others', `1\n${LONG}\n2\n`, ['1', LONG, '2']],
  ['a line of 3 MB without a newline', LONG, [LONG]],
])('a file with %s', async (_, content, expected) => {
  expect(await readFileOf(await folderWith(content))).toEqual(expected);
});

test('lines of every length around the size of a block are whole', async () => {
  const sizes = [262_141, 262_142, 262_143, 262_144, 262_145, 1, 262_140, 0, 524_286];
  const lines = sizes.map((size) => JSON.stringify('y'.repeat(size)));
  expect(await readFileOf(await folderWith(`${lines.join('\n')}\n`))).toEqual(lines);
});

test('a second run takes nothing, and after the file has grown only what is new', async () => {
  const folder = await folderWith('{"a":1}\n');
  expect(await readFileOf(folder)).toEqual(['{"a":1}']);
  expect(await readFileOf(folder)).toEqual(['{"a":1}']);
  await appendFile(join(folder, 'rows.ndjson'), '{"a":2}\n{"a":3}');
  expect(await readFileOf(folder)).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
});

test.each<[string, (path: string) => Promise<void>]>([
  ['that is shorter', (path) => truncate(path, 3)],
  ['with another beginning', (path) => writeFile(path, '{"b":1}\n{"b":2}\n{"b":3}\n')],
  ['that is empty', (path) => truncate(path, 0)],
])('another file of the same name %s is refused, and nothing of it is taken', async (_, change) => {
  const folder = await folderWith('{"a":1}\n{"a":2}\n');
  await readFileOf(folder);
  await change(join(folder, 'rows.ndjson'));
  await expect(readFileOf(folder)).rejects.toMatchObject({ code: 'source.position_lost' });
});

test('a longer file with the same beginning is another one when what was read last differs', async () => {
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `{"n":${from + n}}\n`).join('');
  const folder = await folderWith(lines(0, 400));
  await readFileOf(folder);
  await writeFile(join(folder, 'rows.ndjson'), lines(0, 200) + lines(1000, 2000));
  await expect(readFileOf(folder)).rejects.toMatchObject({ code: 'source.position_lost' });
  await writeFile(join(folder, 'rows.ndjson'), lines(0, 500));
  expect((await readFileOf(folder)).at(-1)).toBe('{"n":499}');
});

test('a file that is not there is an error that names its place', async () => {
  const folder = await createTempFolder();
  await expect(readFileOf(folder)).rejects.toMatchObject({
    code: 'source.file',
    path: 'trades.path',
    message: expect.stringContaining(join(folder, 'rows.ndjson')),
  });
});

test('a folder in place of a file is an error that names its place', async () => {
  const folder = await createTempFolder();
  const consuming = await createConsuming(folder, fileVariety, { path: '.' });
  await expect(consuming.run()).rejects.toMatchObject({ code: 'source.file' });
});

test('a file is no source of gaps', async () => {
  const folder = await folderWith('1\n');
  const consuming = await createConsuming(folder, fileVariety, { path: 'rows.ndjson' });
  await consuming.run();
  const again = await createConsuming(folder, fileVariety, { path: 'rows.ndjson' });
  await again.run();
  expect([consuming.gaps(), again.gaps()]).toEqual([0, 0]);
});
