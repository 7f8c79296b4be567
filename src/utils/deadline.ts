import { TransientError } from './errors.js';

/** Gives up on a peer that has not moved for a while; a long piece of work that goes on is left alone. */
export class Deadline {
  readonly #ms: number;
  readonly #what: string;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param ms milliseconds without progress
   * @param what names what is waited for, as in `the load`
   */
  constructor(ms: number, what: string) {
    this.#ms = ms;
    this.#what = what;
  }

  /** The work has moved: the time begins anew. */
  touch(): void {
    this.#timer?.refresh();
  }

  /** Waits for `work`. @throws TransientError `sink.connection` when the time is up; the caller destroys the connection */
  async watch<T>(work: Promise<T>): Promise<T> {
    const late = new Promise<never>((_, reject) => {
      this.#timer = setTimeout(() => reject(this.#lateError()), this.#ms);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #lateError(): TransientError {
    const message = `${this.#what}: expected an answer within ${this.#ms} ms, got none`;
    return new TransientError({ code: 'sink.connection', message });
  }
}
