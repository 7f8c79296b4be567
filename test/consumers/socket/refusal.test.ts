import { expect, test } from 'vitest';
import { refusalError } from '../../../src/consumers/socket/refusal.js';
import { TransientError } from '../../../src/utils/errors.js';

const HOUR_MS = 3_600_000;

test.each([
  ['7', 7000],
  ['9999999', HOUR_MS],
  [new Date(Date.now() + 40 * 86_400_000).toUTCString(), HOUR_MS],
  [new Date(Date.now() - 60_000).toUTCString(), 0],
  ['soon', undefined],
])('Retry-After %s is waited for %s ms', (header, retryAfterMs) => {
  const error = refusalError(503, header, []);
  expect(error).toBeInstanceOf(TransientError);
  expect((error as TransientError).retryAfterMs).toBe(retryAfterMs);
});
