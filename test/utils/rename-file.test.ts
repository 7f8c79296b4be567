import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renameFile } from '../../src/utils/rename-file.js';
import { createTempFolder } from '../support/temp-folder.js';

test('a file takes the place of another one', async () => {
  const folder = await createTempFolder();
  const [from, to] = [join(folder, 'new'), join(folder, 'old')];
  await writeFile(from, 'new');
  await writeFile(to, 'old');
  await renameFile(from, to);
  expect(await readFile(to, 'utf8')).toBe('new');
});

test('what is not there is said at once', async () => {
  const folder = await createTempFolder();
  const startMs = performance.now();
  await expect(renameFile(join(folder, 'none'), join(folder, 'old'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(performance.now() - startMs).toBeLessThan(1000);
});
