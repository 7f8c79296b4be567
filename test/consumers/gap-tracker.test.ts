import { expect, onTestFinished, test } from 'vitest';
import { GapTracker } from '../../src/consumers/gap-tracker.js';
import type { Gap } from '../../src/stages/stage.js';
import { nowUs } from '../../src/utils/clock.js';
import { openStage } from '../stages/staged.js';
import { readGaps } from '../support/stage-files.js';
import { createTempFolder } from '../support/temp-folder.js';
import { untilTime } from '../support/until.js';

/** Stands still as a thread does that is stopped. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function createTracker() {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  const tracker = new GapTracker(stage, () => {});
  onTestFinished(() => tracker.finish());
  const gaps = async (): Promise<Pick<Gap, 'fromUs' | 'toUs'>[]> => {
    await stage.seal();
    return (await readGaps(folder)).map(({ fromMs, toMs }) => ({ fromUs: fromMs * 1000, toUs: toMs * 1000 }));
  };
  return { tracker, gaps };
}

test('a connection that is lost after a stall may have been so since the stall began', async () => {
  const { tracker, gaps } = await createTracker();
  tracker.resumed();
  const beforeUs = nowUs();
  stall(1200);
  tracker.heard(nowUs());
  tracker.lost('gone');
  tracker.resumed();
  const [gap] = await gaps();
  expect(gap?.fromUs).toBeLessThanOrEqual(beforeUs);
  expect((gap?.toUs ?? 0) - (gap?.fromUs ?? 0)).toBeGreaterThan(1_100_000);
});

test('without a stall the gap begins with the last that was heard', async () => {
  const { tracker, gaps } = await createTracker();
  tracker.resumed();
  await untilTime(Date.now() + 1300);
  const heardUs = nowUs();
  tracker.heard(heardUs);
  tracker.lost('gone');
  tracker.resumed();
  expect(Math.abs(((await gaps())[0]?.fromUs ?? 0) - heardUs)).toBeLessThan(2000);
});

test('a stall that did no harm is forgotten when messages have come for long after it', async () => {
  const { tracker, gaps } = await createTracker();
  tracker.resumed();
  stall(1200);
  tracker.heard(nowUs());
  const laterUs = nowUs() + 11_000_000;
  tracker.heard(laterUs);
  tracker.lost('gone');
  tracker.resumed();
  expect(Math.abs(((await gaps())[0]?.fromUs ?? 0) - laterUs)).toBeLessThan(2000);
});
