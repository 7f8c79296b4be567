import { expect, test } from 'vitest';
import { Slots } from '../../src/utils/slots.js';

/** Work that lasts until it is told to end. */
function startWork(slots: Slots, name: string, started: string[]) {
  let end = (_: Error | undefined): void => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const done = slots.use(async () => {
    started.push(name);
    await ended;
    return name;
  });
  return { done, end: (error?: Error) => end(error) };
}

test('so many run at once, the others in the order in which they came', async () => {
  const slots = new Slots(2);
  const started: string[] = [];
  const works = ['a', 'b', 'c', 'd'].map((name) => startWork(slots, name, started));
  expect(started).toEqual(['a', 'b']);
  works[1]?.end();
  await works[1]?.done;
  expect(started).toEqual(['a', 'b', 'c']);
  for (const work of works) work.end();
  expect(await Promise.all(works.map(({ done }) => done))).toEqual(['a', 'b', 'c', 'd']);
});

test('work that fails frees its slot and gives its error', async () => {
  const slots = new Slots(1);
  const started: string[] = [];
  const [first, second] = [startWork(slots, 'a', started), startWork(slots, 'b', started)];
  first.end(new Error('broken'));
  await expect(first.done).rejects.toThrow('broken');
  second.end();
  expect(await second.done).toBe('b');
});
