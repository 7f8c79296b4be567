import { expect, test } from 'vitest';
import { Deadline } from '../../src/utils/deadline.js';
import { untilTime } from '../support/until.js';

const after = (ms: number) => untilTime(Date.now() + ms);
const NEVER = new Promise<never>(() => {});

test('work that does not move is given up', async () => {
  await expect(new Deadline(30, 'the load').watch(NEVER)).rejects.toThrow(
    'the load: expected an answer within 30 ms, got none',
  );
});

test('work that moves is left alone, also a step that may take longer; afterwards the usual time counts', async () => {
  const deadline = new Deadline(150, 'the load');
  const work = async () => {
    for (let i = 0; i < 4; i++) {
      await after(60);
      deadline.touch();
    }
    deadline.touch(5000);
    await after(400);
    deadline.touch();
    return 'done';
  };
  expect(await deadline.watch(work())).toBe('done');
  const stuck = deadline.watch(NEVER);
  deadline.touch(20);
  await expect(stuck).rejects.toThrow('within 20 ms');
});
