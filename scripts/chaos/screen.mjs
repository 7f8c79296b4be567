const PLAIN_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * Lines that scroll, above one that is drawn again and again. Where lines cannot be redrawn, that one is written every few
 * seconds.
 */
export class Screen {
  #stream;
  #isLive;
  #status = '';
  #writtenMs = Number.NEGATIVE_INFINITY;

  /**
   * @param {{ write: (text: string) => unknown, columns?: number }} stream
   * @param {boolean} isLive whether lines can be redrawn
   */
  constructor(stream, isLive) {
    this.#stream = stream;
    this.#isLive = isLive;
  }

  /** How wide a line may be. */
  get columns() {
    return this.#isLive ? (this.#stream.columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  /** @param {string} text one or more lines */
  print(text) {
    this.#stream.write(this.#isLive ? `${CLEAR_LINE}${text}\n${this.#fit()}` : `${text}\n`);
  }

  /** @param {string} text the line below all others */
  status(text) {
    if (this.#isLive) this.#redraw(text);
    else this.#repeat(text);
  }

  /** Takes the status away; what is printed from now on is all there is. */
  end() {
    if (this.#isLive && this.#status !== '') this.#stream.write(CLEAR_LINE);
    this.#status = '';
  }

  #redraw(text) {
    this.#status = text;
    this.#stream.write(`${CLEAR_LINE}${this.#fit()}`);
  }

  #repeat(text) {
    const nowMs = performance.now();
    if (nowMs - this.#writtenMs < PLAIN_EVERY_MS) return;
    this.#writtenMs = nowMs;
    this.print(text);
  }

  /** A line that wraps could not be cleared. */
  #fit() {
    return this.#status.slice(0, this.columns - 1);
  }
}

/**
 * @param {{ isTTY?: boolean }} stream
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {boolean} whether lines on it can be redrawn
 */
export function canRedraw({ isTTY = false }, { NO_COLOR = '', CI = '', TERM = '' }) {
  return isTTY && NO_COLOR === '' && CI === '' && TERM !== 'dumb';
}
