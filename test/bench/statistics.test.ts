import { expect, test } from 'vitest';
import { latenciesOf } from '../../bench/harness/latency.mjs';
import { percentile, ratiosOf, spreadOf } from '../../bench/harness/statistics.mjs';

test('the median of an odd number of values is the one in the middle, by number and not by text', () => {
  expect(spreadOf([100, 9, 20])).toEqual({ median: 20, min: 9, max: 100, n: 3 });
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4, n: 4 });
});

test('ratios are taken round by round', () => {
  expect(ratiosOf([10, 30, 20], [10, 10, 40])).toEqual({ median: 1, min: 0.5, max: 3, n: 3 });
});

test('without values there is no spread, and without a divisor each no ratio', () => {
  expect(() => spreadOf([])).toThrow(/at least one value/);
  expect(() => ratiosOf([1, 2], [1])).toThrow(/as many divisors/);
});

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect([0.5, 0.99, 1].map((fraction) => percentile(values, fraction))).toEqual([100, 198, 200]);
});

test('the latency of a message is from the tick that sent it to the first look that counted it', () => {
  const ticks = [
    [2, 10],
    [4, 20],
  ] as const;
  const looks = [
    [0, 5],
    [3, 30],
    [4, 45],
  ] as const;
  expect([...latenciesOf(ticks, looks, 0)]).toEqual([20, 20, 10, 25]);
  expect([...latenciesOf(ticks, looks, 3)]).toEqual([25]);
});
