import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createTempFolder } from '../support/temp-folder.js';
import { chunkOf, openStage } from './staged.js';

const SCRIPT = new URL('../../examples/read-stage/read_stage.py', import.meta.url).pathname;

async function readWithPython(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('python3', [SCRIPT, folder], { maxBuffer: 2 ** 26 });
  return stdout.split('\n').slice(0, -1);
}

const SMALL = { rollBytes: 2000, manifestLines: 7 };

test('the reader in Python gives what was sealed, while the stage is written and after', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { size: 3, tuning: SMALL });
  const lines = Array.from({ length: 200 }, (_, i) => JSON.stringify({ i, text: `ü\u2028${'x'.repeat(i)}` }));
  for (const line of lines) await stage.put(chunkOf([line]));
  await stage.seal();
  await stage.put(chunkOf(['"in no batch yet"']));
  expect(await readWithPython(folder)).toEqual(lines);
  await stage.close();
  expect(await readWithPython(folder)).toEqual([...lines, '"in no batch yet"']);
});

test('it takes no batch that was pruned', async () => {
  const folder = await createTempFolder();
  const options = { tuning: SMALL, size: 10, dependents: ['db'], stage: { retain: { for: '0s' } } };
  const stage = await openStage(folder, options);
  for (let i = 0; i < 50; i++)
    await stage.put(chunkOf(Array.from({ length: 10 }, (_, j) => `${i * 10 + j}`.padStart(80))));
  await stage.seal();
  await stage.commit('db', { seq: 48, bytesThrough: 48 * 810, position: undefined });
  await stage.prune();
  const kept = await readWithPython(folder);
  expect(kept.length).toBeLessThan(100);
  expect(kept.at(-1)?.trim()).toBe('499');
});

test('it says what is damaged', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['{"a":1}']));
  await stage.close();
  const path = join(folder, 'data/0000000001.ndjson');
  await writeFile(path, (await readFile(path, 'utf8')).replace('1', '2'));
  await expect(readWithPython(folder)).rejects.toThrow('batch 1: other bytes than were sealed');
});
