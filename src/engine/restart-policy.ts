import { backoffMs } from '../utils/backoff.js';
import type { ErrorCode, ErrorFields } from '../utils/errors.js';

const BACKOFF = { initialMs: 200, maxMs: 10_000 };
const MAX_FAILURES = 5;
const WINDOW_MS = 60_000;

/** What another start would meet again. */
const FINAL_CLASSES = ['config', 'profile', 'usage'];
const FINAL_CODES: readonly ErrorCode[] = [
  'environment.missing_variable',
  'environment.unavailable',
  'environment.unreadable_file',
  'runner.crash_loop',
  'source.file',
  'source.position_lost',
  'source.refused',
  'stage.disk',
  'stage.locked',
  'stage.removed',
  'stage.unsafe',
];

/** What to do about a failed thread: start it again after a wait, or give up with this error. */
export type Verdict = { readonly restartInMs: number } | { readonly giveUp: ErrorFields };

/** Decides about restarts: with backoff, until five failures fall within a minute. */
export class RestartPolicy {
  readonly #failures: number[] = [];

  /** @param nowMs a clock that does not step */
  judge(error: ErrorFields, nowMs: number): Verdict {
    if (isFinal(error.code)) return { giveUp: error };
    this.#failures.push(nowMs);
    const recent = this.#failures.filter((at) => nowMs - at < WINDOW_MS);
    if (recent.length < MAX_FAILURES) return { restartInMs: backoffMs(BACKOFF, recent.length - 1) };
    const message = `failed ${recent.length} times within a minute, the last time with: ${error.message}`;
    return { giveUp: { ...error, code: 'runner.crash_loop', message } };
  }
}

function isFinal(code: ErrorCode): boolean {
  return FINAL_CODES.includes(code) || FINAL_CLASSES.includes(code.split('.', 1)[0] as string);
}
