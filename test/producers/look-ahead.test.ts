import { expect, test } from 'vitest';
import { type Begun, beginToLook, lookAhead } from '../../src/producers/look-ahead.js';

const NEVER = new AbortController().signal;
/** Long enough for whatever is under way to be seen, if it is. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 10));

interface Trial {
  readonly asked: number[];
  readonly shown: number[];
  readonly signals: AbortSignal[];
  readonly items: AsyncGenerator<number>;
  /** The same, begun. */
  readonly begun: () => Begun<number>;
}

/** Looks ahead over the numbers from 1 to `last`; behind it comes what `end` does. */
function look(last: number, end: (signal: AbortSignal) => Promise<void> = async () => {}): Trial {
  const trial = { asked: [] as number[], shown: [] as number[], signals: [] as AbortSignal[] };
  async function* numbers(signal: AbortSignal): AsyncGenerator<number> {
    trial.signals.push(signal);
    for (let n = 1; n <= last; n++) {
      trial.asked.push(n);
      yield n;
    }
    trial.asked.push(last + 1);
    await end(signal);
  }
  const ahead = {
    open: numbers,
    isAlone: (n: number) => n === 2,
    onAhead: (n: number) => void trial.shown.push(n),
    leaving: 'left',
  };
  return { ...trial, items: lookAhead(ahead, NEVER), begun: () => beginToLook(ahead, NEVER) };
}

test('the next item is asked for, and shown, while one is worked on', async () => {
  const { asked, shown, items } = look(5);
  expect((await items.next()).value).toBe(1);
  await turn();
  expect({ asked, shown }).toEqual({ asked: [1, 2], shown: [1, 2] });
});

test('behind an item that is to be alone nothing is asked for until it is done', async () => {
  const { asked, shown, items } = look(5);
  await items.next();
  expect((await items.next()).value).toBe(2);
  await turn();
  expect({ asked, shown }).toEqual({ asked: [1, 2], shown: [1, 2] });
  expect((await items.next()).value).toBe(3);
  await turn();
  expect({ asked, shown }).toEqual({ asked: [1, 2, 3, 4], shown: [1, 2, 4] });
});

test('all items come, in order, and then the end', async () => {
  const { items } = look(7);
  const found: number[] = [];
  for await (const n of items) found.push(n);
  expect(found).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('an error behind an item is met when that item is done, and by nobody else', async () => {
  const { items } = look(1, async () => {
    throw new Error('expected more');
  });
  expect((await items.next()).value).toBe(1);
  await turn();
  await expect(items.next()).rejects.toThrow('expected more');
});

test('whoever stops does not wait for an item that never comes', async () => {
  const { items, signals } = look(1, (signal) => {
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  });
  for await (const n of items) {
    expect(n).toBe(1);
    break;
  }
  expect(signals.map(({ reason }) => reason)).toEqual(['left']);
});

test('what was begun is there when it is asked for, and ends although nobody asked', async () => {
  const { asked, shown, begun } = look(3);
  await turn();
  expect({ asked, shown }).toEqual({ asked: [], shown: [] });
  const items = begun();
  await turn();
  expect({ asked, shown }).toEqual({ asked: [1, 2], shown: [1, 2] });
  const found: number[] = [];
  for await (const n of items) found.push(n);
  expect(found).toEqual([1, 2, 3]);
  const ended = look(2);
  const alone = ended.begun();
  await turn();
  await alone.return();
  expect(ended.signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect((await alone.next()).value).toBe(1);
});
