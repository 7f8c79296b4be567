import { expect, test } from 'vitest';
import { FAILED } from '../../../src/stages/stage.js';
import type { LogRecord } from '../../../src/utils/logger.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { chunkOf, ONCE, openStage, stageAt } from '../staged.js';

const LIMITS = { messages: 100, bytes: 1000 };

test('a batch whose readers end again and again is given alone, with a warning, until it is passed', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { size: 1 });
  for (const line of ['1', '2', '3']) await stage.put(chunkOf([line]));
  await stage.seal();
  const logs: LogRecord[] = [];
  const sizes: number[] = [];
  for (let life = 0; life < 5; life++)
    for await (const group of stageAt(folder, { logs }).batches('db', { ...ONCE, limits: LIMITS })) {
      sizes.push(group.length);
      break;
    }
  expect(sizes).toEqual([3, 3, 3, 1, 1]);
  expect(logs.map(({ message }) => message).join('\n')).toContain(
    'batch 1 was begun 5 times and never passed',
  );
  const after: number[] = [];
  const reader = stageAt(folder);
  for await (const group of reader.batches('db', { ...ONCE, limits: LIMITS })) {
    after.push(group.length);
    await reader.commit('db', group.at(-1) as (typeof group)[number]);
  }
  expect(after).toEqual([1, 2]);
});

test.each([
  ['who was told to stop has not failed at its batch', undefined, 3],
  ['who fails at a batch has begun it', FAILED, 1],
])('%s', async (_, reason, last) => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { size: 1 });
  for (const line of ['1', '2', '3']) await stage.put(chunkOf([line]));
  await stage.seal();
  const sizes: number[] = [];
  for (let life = 0; life < 6; life++) {
    const stop = new AbortController();
    const follow = { ...ONCE, signal: stop.signal, limits: LIMITS };
    for await (const group of stageAt(folder).batches('db', follow)) {
      sizes.push(group.length);
      stop.abort(reason);
    }
  }
  expect(sizes.length).toBe(6);
  expect(sizes.at(-1)).toBe(last);
});
