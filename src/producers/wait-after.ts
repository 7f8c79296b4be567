import { backoffMs } from '../utils/backoff.js';
import { BlockedError, messageOf, TransientError } from '../utils/errors.js';
import type { Logger } from '../utils/logger.js';
import { type RetryNotice, retryText } from '../utils/retry-notice.js';

const BACKOFF = { initialMs: 250, maxMs: 15_000 };
const BLOCKED_MS = 30_000;

/** How many milliseconds to wait after a failed write before the next one; logs why. @throws what is not to be tried again */
export function waitAfter(error: unknown, retries: RetryNotice, logger: Logger): number {
  if (error instanceof BlockedError) {
    const message = `blocked, the data waits in the stage: ${messageOf(error)}`;
    logger.log({ level: 'error', message, code: error.code, hint: error.hint });
    return BLOCKED_MS;
  }
  if (!(error instanceof TransientError)) throw error;
  const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs(BACKOFF, retries.attempts));
  if (retries.fail()) {
    const message = retryText(messageOf(error), retries.attempts, waitMs);
    logger.log({ level: 'warn', message, code: error.code, hint: error.hint });
  }
  return waitMs;
}
