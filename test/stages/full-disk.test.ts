import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LocalStage } from '../../src/stages/local.js';
import { nodeStageFs } from '../../src/stages/stage-fs.js';
import { openStageFolder } from '../../src/stages/upkeep/stage-folder.js';
import { verifyStage } from '../../src/stages/upkeep/verify-stage.js';
import type { LogRecord } from '../../src/utils/logger.js';
import { createRandom } from '../support/random.js';
import { createSmallDisk } from '../support/small-disk.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until, untilTime } from '../support/until.js';
import { FlowingStage } from './flowing-stage.js';
import { ONCE, openStage, putDurably, recoverAt, stageAt } from './staged.js';

const MIB = 1024 * 1024;
const DISK_BYTES = 16 * MIB;
const CYCLES = Number(process.env.SOCKET_EL_FULL_DISKS ?? 100);
const SEED = 4096;
/** What a stage takes before `put` waits, and a chunk more. */
const MAX_IN_FLIGHT = 8 * MIB + 64 * 1024;
const NO_RETENTION = { for: '0s' };
const TUNING = { groupBytes: 256 * 1024, rollBytes: MIB, tidyMs: 50 };

async function expectSound(folder: string): Promise<void> {
  const stage = await openStageFolder(nodeStageFs, folder, {
    pipeline: 'p',
    consumer: 'trades',
  });
  expect((await verifyStage(stage)).damage).toEqual([]);
}

/** The number of the first batch that a new reader gets. */
async function readFirst(stage: LocalStage): Promise<number> {
  for await (const [batch] of stage.batches('new', ONCE)) return batch?.seq ?? 0;
  return 0;
}

test(`a disk that is filled and freed ${CYCLES} times pauses the stage and costs and doubles nothing`, async () => {
  const disk = await createSmallDisk(DISK_BYTES);
  const folder = join(disk.folder, 'stage');
  const stage = { retain: NO_RETENTION, min_free_disk: '0B' };
  const flow = await FlowingStage.open(folder, { fs: disk.fs, stage, tuning: TUNING });
  flow.startReading();
  const random = createRandom(SEED);
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const pauses = flow.pauses;
    await disk.fill();
    await flow.whileFlowing(() => flow.isPaused || flow.pauses > pauses, `pause ${cycle}`);
    await untilTime(Date.now() + random() * 100);
    await disk.free();
    const durable = flow.durable;
    await flow.whileFlowing(() => flow.durable > durable, `going on after pause ${cycle}`);
  }
  await flow.finish();
  expect(flow.pauses).toBeGreaterThan(CYCLES / 2);
  expect(flow.mostInFlight).toBeLessThan(MAX_IN_FLIGHT);
  expect(flow.durable).toBe(flow.put);
  expect(flow.read).toBe(flow.put);
  await recoverAt(folder, { fs: disk.fs });
  await expectSound(folder);
}, 180_000);

test('a writer and a reader that start on a full disk wait for room', async () => {
  const disk = await createSmallDisk(DISK_BYTES);
  const folder = join(disk.folder, 'stage');
  const before = await openStage(folder, { fs: disk.fs });
  await putDurably(before, ['{"n":1}']);
  await before.close();
  await disk.fill();
  const logs: LogRecord[] = [];
  const writer = stageAt(folder, { fs: disk.fs, logs });
  const opened = writer.open();
  const reading = readFirst(stageAt(folder, { fs: disk.fs, logs }));
  const isSettled = Promise.race([opened, reading]).catch(() => {});
  const isWaiting = until(() => logs.some(({ message }) => message.includes('the disk is full')), {
    timeoutMs: 5000,
    what: 'the word that the disk is full',
  });
  await Promise.race([isSettled, isWaiting]);
  await untilTime(Date.now() + 600);
  await disk.free();
  await opened;
  expect(await reading).toBe(1);
  await writer.close();
}, 30_000);

test('a disk that the stage itself has filled is pruned when the sink goes on, and so is room made', async () => {
  const disk = await createSmallDisk(DISK_BYTES);
  const folder = join(disk.folder, 'stage');
  const flow = await FlowingStage.open(folder, {
    fs: disk.fs,
    stage: { retain: NO_RETENTION },
    tuning: TUNING,
  });
  await flow.whileFlowing(() => flow.isPaused, 'a full disk');
  const durable = flow.durable;
  await untilTime(Date.now() + 1000);
  expect(flow.durable - durable, 'messages stored on a full disk').toBeLessThan(20_000);
  flow.startReading();
  await flow.whileFlowing(() => flow.durable > 5 * durable, 'five disks full of messages');
  await flow.finish();
  expect(flow.mostInFlight).toBeLessThan(MAX_IN_FLIGHT);
  expect(flow.read).toBe(flow.put);
  await expectSound(folder);
}, 60_000);

test('the segment that is open is pruned too when it is all that fills the disk', async () => {
  const disk = await createSmallDisk(DISK_BYTES);
  const folder = join(disk.folder, 'stage');
  const flow = await FlowingStage.open(folder, { fs: disk.fs, stage: { retain: NO_RETENTION } });
  await flow.whileFlowing(() => flow.isPaused, 'a full disk');
  const durable = flow.durable;
  flow.startReading();
  await flow.whileFlowing(() => flow.durable > 5 * durable, 'five disks full of messages');
  await flow.finish();
  expect(flow.read).toBe(flow.put);
  await expectSound(folder);
}, 60_000);

test('a backlog as large as max_backlog pauses the source until the sink goes on', async () => {
  const folder = await createTempFolder();
  const stage = { retain: NO_RETENTION, max_backlog: '4MiB' };
  const flow = await FlowingStage.open(folder, { stage, tuning: TUNING });
  await flow.whileFlowing(() => flow.isPaused, 'a pause');
  await untilTime(Date.now() + 1000);
  const { durable, put } = flow;
  await untilTime(Date.now() + 500);
  expect(flow.durable, 'messages stored while paused').toBe(durable);
  expect(flow.put, 'messages taken while paused').toBe(put);
  flow.startReading();
  await flow.whileFlowing(() => flow.durable > 5 * durable, 'five times the backlog');
  await flow.finish();
  expect(flow.mostInFlight).toBeLessThan(MAX_IN_FLIGHT);
  expect(flow.read).toBe(flow.put);
  expect(flow.logs.map(({ message }) => message).join()).toContain('max_backlog is 4 MiB');
  await expectSound(folder);
}, 60_000);
