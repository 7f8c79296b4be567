import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** What is waited for, named in the error. */
  readonly what?: string;
}

/**
 * Resolves with the first truthy value of `condition`, which is asked again every `intervalMs` (20).
 * A condition that throws counts as not yet true; its last error becomes the cause when time is up.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + options.timeoutMs;
  let lastError: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value as NonNullable<T>;
      lastError = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      lastError = error;
    }
    await delay(options.intervalMs ?? 20);
  } while (performance.now() < deadline);
  const what = options.what ?? condition.toString();
  throw new Error(`not within ${options.timeoutMs} ms: ${what}`, { cause: lastError });
}

/** Thrown by a condition that can never come true any more: `until` gives up at once. */
export class Hopeless extends Error {}

/** Resolves at the wall-clock time `atMs`, for faults that must happen at a seeded moment. */
export async function untilTime(atMs: number): Promise<void> {
  await until(() => Date.now() >= atMs, { timeoutMs: 60_000, intervalMs: 1 });
}
