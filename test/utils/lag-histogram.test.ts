import { expect, test } from 'vitest';
import { LagHistogram } from '../../src/utils/lag-histogram.js';

test('quantiles are those of the messages, at most a fifth too high', () => {
  const lags = new LagHistogram();
  for (let ms = 1; ms <= 1000; ms++) lags.add(1, { fromUs: -ms * 1000, toUs: -ms * 1000 }, 0);
  for (const [share, expected] of [
    [0.5, 500],
    [0.99, 990],
  ] as const) {
    const found = LagHistogram.quantile(share, lags.snapshot()) ?? 0;
    expect(found).toBeGreaterThanOrEqual(expected * 0.99);
    expect(found).toBeLessThanOrEqual(expected * 1.2);
  }
});

test('the messages of a batch came one after the other', () => {
  const lags = new LagHistogram();
  lags.add(800, { fromUs: 0, toUs: 1_000_000 }, 1_000_000);
  expect(LagHistogram.quantile(0.5, lags.snapshot())).toBeGreaterThan(400);
  expect(LagHistogram.quantile(0.5, lags.snapshot())).toBeLessThan(700);
});

test('what was counted before a snapshot is left out, and without messages there is no quantile', () => {
  const lags = new LagHistogram();
  lags.add(1000, { fromUs: 0, toUs: 0 }, 5_000_000);
  const before = lags.snapshot();
  expect(LagHistogram.quantile(0.5, lags.snapshot(), before)).toBeUndefined();
  new LagHistogram(lags.shared).add(1, { fromUs: 0, toUs: 0 }, 2000);
  expect(LagHistogram.quantile(0.5, lags.snapshot(), before)).toBe(2);
});
