import { setImmediate as turn } from 'node:timers/promises';

/** Lets others have the thread after so much work, such as those that wait to send. */
export class Pacer {
  readonly #step: number;
  #left: number;

  /** @param step how much may be done at once */
  constructor(step: number) {
    this.#step = step;
    this.#left = step;
  }

  /** How much may be done now. */
  get left(): number {
    return this.#left;
  }

  /** Notes what was done; resolves when it is our turn again. */
  async done(amount: number): Promise<void> {
    this.#left -= amount;
    if (this.#left > 0) return;
    this.#left = this.#step;
    await turn();
  }
}
