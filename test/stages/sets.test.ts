import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeStageFs } from '../../src/stages/stage-fs.js';
import { openStageFolder } from '../../src/stages/upkeep/stage-folder.js';
import { verifyStage } from '../../src/stages/upkeep/verify-stage.js';
import { createSmallDisk } from '../support/small-disk.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';
import { chunkOf, copyCrashImage, openStage, putDurably, readSealed, type StageOptions } from './staged.js';

const OPTIONS: StageOptions = { size: 1, isOfSets: true, dependents: ['db'] };

const sealed = async (folder: string) =>
  (await readSealed(folder, 'db')).map(({ seq, lines }) => [seq, ...lines]);

test('a set is one batch, whatever the thresholds, and an empty one is one too', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { ...OPTIONS, tuning: { rollBytes: 1, rollMs: 20 } });
  for (const line of ['1', '2', '3']) await putDurably(stage, [line]);
  await until(async () => (await readdir(join(folder, 'open'))).length > 0, { timeoutMs: 2000 });
  expect(await sealed(folder)).toEqual([]);
  await stage.seal();
  await stage.seal();
  await stage.put(chunkOf(['4']));
  await stage.seal();
  expect(await sealed(folder)).toEqual([[1, '1', '2', '3'], [2], [3, '4']]);
  await stage.close();
  const owner = { pipeline: 'p', consumer: 'trades' };
  expect((await verifyStage(await openStageFolder(nodeStageFs, folder, owner))).damage).toEqual([]);
});

test('what of a set was put before a close or a crash is forgotten, and its numbers go to the next', async () => {
  const folder = await createTempFolder();
  const first = await openStage(join(folder, 'live'), OPTIONS);
  await first.put(chunkOf(['1']));
  await first.seal();
  await putDurably(first, ['2']);
  const image = await copyCrashImage(join(folder, 'live'), join(folder, 'image'));
  await first.close();
  await cp(join(folder, 'live'), join(folder, 'closed'), { recursive: true });
  for (const left of [image, join(folder, 'closed')]) {
    const again = await openStage(left, OPTIONS);
    expect(await sealed(left)).toEqual([[1, '1']]);
    await again.put(chunkOf(['3']));
    await again.seal();
    await again.close();
    expect(await sealed(left)).toEqual([
      [1, '1'],
      [2, '3'],
    ]);
  }
});

test('a set becomes one Parquet file, and an empty one none', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { ...OPTIONS, stage: { type: 'parquet' } });
  await stage.seal();
  await stage.put(chunkOf(['{"a":1}', '{"a":2}']));
  await stage.seal();
  await until(async () => (await readdir(join(folder, 'data'))).some((name) => name.endsWith('.parquet')), {
    timeoutMs: 5000,
  });
  expect((await readdir(join(folder, 'data'))).filter((name) => name.endsWith('.parquet'))).toHaveLength(1);
  await stage.close();
});

test('empty sets survive a crash, and are pruned like others', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(join(folder, 'live'), OPTIONS);
  await stage.seal();
  await stage.seal();
  const image = await copyCrashImage(join(folder, 'live'), join(folder, 'image'));
  const again = await openStage(image, { ...OPTIONS, stage: { retain: { for: '0s' } } });
  const [first, second] = await readSealed(image, 'db');
  expect([first?.seq, second?.seq]).toEqual([1, 2]);
  await again.commit('db', { seq: 2, bytesThrough: 0, position: undefined });
  await again.prune();
  expect((await readdir(join(image, 'data'))).filter((name) => name.startsWith('0000000001'))).toEqual([]);
  await again.put(chunkOf(['1']));
  await again.seal();
  expect(await sealed(image)).toEqual([[3, '1']]);
});

test('a set that the disk cannot hold fails, and nothing of it is seen', async () => {
  const disk = await createSmallDisk(4 * 1024 * 1024);
  const folder = join(disk.folder, 'stage');
  const options = { ...OPTIONS, fs: disk.fs, stage: { min_free_disk: '0B' } };
  const stage = await openStage(folder, options);
  const line = JSON.stringify('x'.repeat(256 * 1024));
  const fill = async () => {
    for (let i = 0; i < 40; i++) await stage.put(chunkOf([line]));
    await stage.seal();
  };
  await expect(fill()).rejects.toThrow(/expected to write and sync its files/);
  await stage.close().catch(() => {});
  const again = await openStage(folder, options);
  expect(await sealed(folder)).toEqual([]);
  await again.put(chunkOf(['1']));
  await again.seal();
  expect(await sealed(folder)).toEqual([[1, '1']]);
});
