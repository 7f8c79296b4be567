/** How long to wait between attempts. */
export interface BackoffSettings {
  /** Upper bound of the first wait, in milliseconds. */
  readonly initialMs: number;
  /** Upper bound of every wait, in milliseconds. */
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter: a wait drawn evenly from [0, min(max, initial · 2^attempt)].
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param attempt 0 for the first wait
 * @param random a number in [0, 1); injected so that the schedule can be tested
 * @returns milliseconds
 */
export function backoffMs(
  settings: BackoffSettings,
  attempt: number,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(settings.maxMs, settings.initialMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random() * ceiling);
}
