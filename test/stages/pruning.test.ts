import { access, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LocalStage } from '../../src/stages/local.js';
import type { Batch } from '../../src/stages/stage.js';
import { nodeStageFs } from '../../src/stages/stage-fs.js';
import { forgetReader } from '../../src/stages/upkeep/move-cursor.js';
import { pruneStage } from '../../src/stages/upkeep/prune-stage.js';
import { openStageFolder } from '../../src/stages/upkeep/stage-folder.js';
import { verifyStage } from '../../src/stages/upkeep/verify-stage.js';
import type { LogRecord } from '../../src/utils/logger.js';
import { createTempFolder } from '../support/temp-folder.js';
import { chunkOf, ONCE, openStage, readSealed, type StageOptions, stageAt } from './staged.js';

const AT_ONCE = { retain: { for: '0s' } };
/** Each segment ends with its first batch, so that batch n lies in segment n. */
const EACH_ALONE = { rollBytes: 1, tidyMs: 3_600_000 };

const OPTIONS: StageOptions = { size: 1, stage: AT_ONCE, tuning: EACH_ALONE };

async function fill(stage: LocalStage, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await stage.put(chunkOf([`{"i":${i}}`]));
  await stage.seal();
}

/** Lets a reader pass everything up to a batch. */
async function pass(folder: string, reader: string, through: number): Promise<void> {
  const batches: Batch[] = [];
  for await (const group of stageAt(folder).batches(reader, ONCE)) batches.push(...group);
  const last = batches.find(({ seq }) => seq === through);
  await stageAt(folder).commit(reader, last as Batch);
}

async function segments(folder: string): Promise<number[]> {
  const names = await readdir(join(folder, 'data'));
  expect(names.filter((name) => name.endsWith('.idx')).length).toBe(names.length / 2);
  return names.filter((name) => name.endsWith('.ndjson')).map((name) => Number.parseInt(name, 10));
}

test('a stage that no producer loads is never pruned', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, OPTIONS);
  await fill(stage, 3);
  await stage.prune();
  expect(await segments(folder)).toEqual([1, 2, 3]);
});

test('nothing goes before the slower of two producers has passed it, and then it goes', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { ...OPTIONS, dependents: ['fast', 'slow'] });
  await fill(stage, 6);
  await pass(folder, 'fast', 6);
  await stage.prune();
  expect(await segments(folder), 'slow has not even begun').toEqual([1, 2, 3, 4, 5, 6]);
  await pass(folder, 'slow', 4);
  await stage.prune();
  expect(await segments(folder)).toEqual([5, 6]);
  await pass(folder, 'slow', 6);
  await stage.prune();
  expect(await segments(folder)).toEqual([]);
  await fill(stage, 1);
  expect((await readSealed(folder, 'slow')).map(({ seq }) => seq)).toEqual([7]);
});

test('a producer that is gone from the configuration keeps its batches, with a warning, until it is forgotten', async () => {
  const folder = await createTempFolder();
  const first = await openStage(folder, { ...OPTIONS, dependents: ['kept', 'removed'] });
  await fill(first, 3);
  await pass(folder, 'removed', 1);
  await first.close();
  const logs: LogRecord[] = [];
  const stage = await openStage(folder, { ...OPTIONS, dependents: ['kept'], logs });
  expect(logs).toContainEqual(
    expect.objectContaining({ level: 'warn', message: expect.stringContaining('removed has a cursor') }),
  );
  await pass(folder, 'kept', 3);
  await stage.prune();
  expect(await segments(folder)).toEqual([2, 3]);
  const owner = { pipeline: 'p', consumer: 'trades' };
  expect(await forgetReader(await openStageFolder(nodeStageFs, folder, owner), 'removed')).toBe(true);
  await stage.prune();
  expect(await segments(folder)).toEqual([]);
});

test('a producer that is added later begins at the oldest batch that is kept, says so, and keeps the rest', async () => {
  const folder = await createTempFolder();
  const first = await openStage(folder, { ...OPTIONS, dependents: ['old'] });
  await fill(first, 5);
  await pass(folder, 'old', 3);
  await first.prune();
  await first.close();
  const stage = await openStage(folder, { ...OPTIONS, dependents: ['old', 'added'] });
  await pass(folder, 'old', 5);
  await stage.prune();
  const logs: LogRecord[] = [];
  expect((await readSealed(folder, 'added', logs)).map(({ seq }) => seq)).toEqual([4, 5]);
  expect(logs.map(({ message }) => message).join()).toContain('batches 1 to 3 are no longer kept');
});

test('a reader that is not configured is asked too, from its first look on', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { ...OPTIONS, dependents: ['db'] });
  await fill(stage, 2);
  expect(await readSealed(folder, 'notebook')).toHaveLength(2);
  await pass(folder, 'db', 2);
  await stage.prune();
  expect(await segments(folder)).toEqual([1, 2]);
});

test('what was passed stays as long as retention says, and no more of it than that', async () => {
  const folder = await createTempFolder();
  const retained = { ...OPTIONS, dependents: ['db'], stage: { retain: { for: '1h', bytes: '20B' } } };
  const stage = await openStage(folder, retained);
  await fill(stage, 5);
  await pass(folder, 'db', 4);
  await stage.prune();
  expect(await segments(folder), 'of 8 bytes each two may stay, and what is not passed').toEqual([3, 4, 5]);
});

test('manifest files go when all their batches are gone, and numbers, position and totals stay', async () => {
  const folder = await createTempFolder();
  const options = {
    ...OPTIONS,
    dependents: ['db'],
    replayable: true,
    tuning: { ...EACH_ALONE, manifestLines: 4 },
  };
  const stage = await openStage(folder, options);
  for (let i = 1; i <= 20; i++) await stage.put(chunkOf([`${i}`], { position: i }));
  await stage.seal();
  await pass(folder, 'db', 20);
  await stage.prune();
  expect((await readdir(join(folder, 'manifest'))).length).toBeLessThanOrEqual(3);
  await stage.close();
  const again = await openStage(folder, options);
  expect(again.position()).toBe(20);
  await again.put(chunkOf(['21'], { position: 21 }));
  await again.seal();
  expect((await readSealed(folder, 'db')).map(({ seq, lines }) => [seq, ...lines])).toEqual([[21, '21']]);
});

test('a segment whose index is damaged does not keep those before and behind it', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { ...OPTIONS, dependents: ['db'] });
  await fill(stage, 4);
  const file = await nodeStageFs.open(join(folder, 'data/0000000002.idx'), 'append');
  await file.write([Buffer.from([255])], 20);
  await file.close();
  await pass(folder, 'db', 3);
  await stage.prune();
  expect(await segments(folder)).toEqual([4]);
});

test('the verb prunes what is passed whatever retention says, while nobody writes, and what is left is sound', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { ...OPTIONS, dependents: ['db'], stage: {} });
  await fill(stage, 3);
  await pass(folder, 'db', 2);
  const owner = { pipeline: 'p', consumer: 'trades' };
  const how = { dependents: ['db'], isConverted: false, retain: { for: 0, bytes: 0 } };
  const look = () => openStageFolder(nodeStageFs, folder, owner);
  await expect(pruneStage(await look(), how)).rejects.toMatchObject({ code: 'stage.locked' });
  await stage.close();
  expect(await pruneStage(await look(), how)).toMatchObject({ batches: 2, bytes: 16 });
  expect(await verifyStage(await look())).toMatchObject({ batches: 1, messages: 1, damage: [] });
  await expect(access(join(folder, 'data/0000000003.ndjson'))).resolves.toBeUndefined();
});

test('a Parquet file that stands in no fact yet stays as long as the segments that it was made of', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, OPTIONS);
  await fill(stage, 3);
  await stage.close();
  await pass(folder, 'db', 3);
  await writeFile(join(folder, 'data', '0000000002-0000000003.parquet'), 'PAR1');
  const how = { dependents: ['db'], isConverted: true, retain: { for: 0, bytes: 0 } };
  await pruneStage(await openStageFolder(nodeStageFs, folder, { pipeline: 'p', consumer: 'trades' }), how);
  const names = await readdir(join(folder, 'data'));
  expect(names.filter((name) => !name.endsWith('.idx'))).toEqual([
    '0000000001.ndjson',
    '0000000002-0000000003.parquet',
    '0000000002.ndjson',
    '0000000003.ndjson',
  ]);
});

test('a gap behind the last batch that was passed stays until the batch behind it is passed too', async () => {
  const folder = await createTempFolder();
  const tuning = { ...EACH_ALONE, manifestLines: 2 };
  const stage = await openStage(folder, { ...OPTIONS, tuning, dependents: ['r'] });
  const us = 1_700_000_000_000_000;
  await fill(stage, 1);
  stage.gap({ fromUs: us + 1, toUs: us + 2, reason: 'nobody has heard of it' });
  // Other facts, so that the manifest goes on in further files.
  for (let i = 3; i < 12; i++) {
    stage.receivedUntil(us + i);
    await stage.seal();
  }
  await pass(folder, 'r', 1);
  await stage.prune();
  expect(await segments(folder)).toEqual([]);
  await fill(stage, 1);
  const reasons: string[] = [];
  for await (const group of stageAt(folder).batches('r', ONCE))
    for (const { gaps } of group) reasons.push(...gaps.map(({ reason }) => reason));
  expect(reasons).toContain('nobody has heard of it');
});
