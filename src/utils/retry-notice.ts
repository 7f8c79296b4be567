const FIRST_NOTICES = 3;
const INTERVAL_MS = 10_000;

/** Keeps a peer that is away for long from filling the log: the first attempts are told, then one every ten seconds. */
export class RetryNotice {
  #attempts = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** How many attempts have failed in a row. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Counts a failed attempt, and says whether to tell about it. */
  fail(nowMs: number = performance.now()): boolean {
    this.#attempts++;
    if (this.#attempts > FIRST_NOTICES && nowMs - this.#lastMs < INTERVAL_MS) return false;
    this.#lastMs = nowMs;
    return true;
  }

  /** An attempt succeeded. */
  succeed(): void {
    this.#attempts = 0;
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }
}

/** The line about a failed attempt. */
export function retryText(reason: string, attempts: number, waitMs: number): string {
  const count = attempts > FIRST_NOTICES ? ` (${attempts} attempts)` : '';
  return `${reason}; trying again in ${waitMs} ms${count}`;
}
