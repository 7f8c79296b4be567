/** Closers of what was opened, run in reverse order; every one runs, and the first error is the one that is thrown. */
export class Cleanup {
  readonly #closers: (() => Promise<void> | void)[] = [];

  /** Registers how to close what was just opened. */
  add(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Closes everything, last opened first. */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
