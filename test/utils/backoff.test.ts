import { expect, test } from 'vitest';
import { backoffMs } from '../../src/utils/backoff.js';

const SETTINGS = { initialMs: 500, maxMs: 30_000 };
const ALMOST_ONE = 1 - 2 ** -53;

test('the ceiling doubles from the initial wait to the longest, and never passes it', () => {
  const ceilings = [0, 1, 2, 5, 6, 7, 31, 1000, 1e9].map((attempt) =>
    backoffMs(SETTINGS, attempt, () => ALMOST_ONE),
  );
  expect(ceilings).toEqual([499, 999, 1999, 15_999, 29_999, 29_999, 29_999, 29_999, 29_999]);
});

test('the wait is drawn evenly from zero to the ceiling', () => {
  expect([0, 0.25, 0.5, 0.75].map((random) => backoffMs(SETTINGS, 2, () => random))).toEqual([
    0, 500, 1000, 1500,
  ]);
  const waits = Array.from({ length: 4000 }, () => backoffMs(SETTINGS, 10));
  const quarters = [0, 1, 2, 3].map((i) => waits.filter((ms) => Math.floor(ms / 7500) === i).length);
  for (const count of quarters) expect(count).toBeGreaterThan(800);
  expect(Math.max(...waits)).toBeLessThan(30_000);
});

test('an initial wait over the longest is the longest', () => {
  expect(backoffMs({ initialMs: 60_000, maxMs: 1000 }, 0, () => ALMOST_ONE)).toBe(999);
});
