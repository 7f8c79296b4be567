/** Lets one loop wait until somebody rings; a ring while nobody waits is kept for the next wait. */
export class Wakeup {
  #rung = false;
  #resolve: (() => void) | undefined;

  /** Ends the present wait, or the next one. */
  ring(): void {
    this.#rung = true;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  }

  /** Resolves at the next ring, or after `timeoutMs` when one is given. */
  async wait(timeoutMs?: number): Promise<void> {
    if (!this.#rung) await this.#park(timeoutMs);
    this.#rung = false;
  }

  #park(timeoutMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
