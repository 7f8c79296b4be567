import { TransientError } from './errors.js';

/** Gives up on a peer that has not moved for a while; a long piece of work that goes on is left alone. */
export class Deadline {
  readonly #ms: number;
  readonly #what: string;
  #timer: NodeJS.Timeout | undefined;
  #patienceMs: number;
  #giveUp: () => void = () => {};

  /**
   * @param ms milliseconds without progress
   * @param what names what is waited for, as in `the load`
   */
  constructor(ms: number, what: string) {
    this.#ms = ms;
    this.#what = what;
    this.#patienceMs = ms;
  }

  /** The work has moved: the time begins anew. @param ms for the next step, of one that may take longer */
  touch(ms: number = this.#ms): void {
    if (ms === this.#patienceMs) this.#timer?.refresh();
    else this.#start(ms);
  }

  /** Waits for `work`. @throws TransientError `sink.connection` when the time is up; the caller destroys the connection */
  async watch<T>(work: Promise<T>): Promise<T> {
    const late = new Promise<never>((_, reject) => {
      this.#giveUp = () => reject(this.#lateError());
      this.#start(this.#ms);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #start(ms: number): void {
    clearTimeout(this.#timer);
    this.#patienceMs = ms;
    this.#timer = setTimeout(this.#giveUp, ms);
  }

  #lateError(): TransientError {
    const message = `${this.#what}: expected an answer within ${this.#patienceMs} ms, got none`;
    return new TransientError({ code: 'sink.connection', message });
  }
}
