import { expect, test } from 'vitest';
import { parseDuration } from '../../src/utils/duration.js';

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5m', 90_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['0s', 0],
  ['0.5ms', 1],
  [' 1s ', 1000],
])('%j is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  '10',
  's',
  '-1s',
  '1 s',
  '1S',
  '1sec',
  '1h30m',
  '1e3s',
  '.5s',
  '1.s',
  'Infinitys',
  '1w',
  '1M',
])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined());
