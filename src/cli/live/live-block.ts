import { stripVTControlCharacters } from 'node:util';
import type { Window } from './block-lines.js';

const INTERVAL_MS = 250;
const ERASE_BELOW = '\u001b[0J';

/** What is drawn on: standard error when that is a terminal. */
export interface Terminal {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/** Lines at the bottom of a terminal that are drawn anew several times a second, below what is printed once. */
export class LiveBlock {
  readonly #terminal: Terminal;
  readonly #lines: (window: Window) => readonly string[];
  #drawn: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, lines: (window: Window) => readonly string[]) {
    this.#terminal = terminal;
    this.#lines = lines;
  }

  start(): void {
    this.#timer = setInterval(() => this.#draw(''), INTERVAL_MS);
    this.#draw('');
  }

  /** Prints something that stays, above the block. @param text whole lines */
  print(text: string): void {
    if (this.#timer === undefined) this.#terminal.write(text);
    else this.#draw(text);
  }

  /** Leaves the block as it looks now; what is printed from now on comes below it. */
  stop(): void {
    if (this.#timer === undefined) return;
    this.#draw('');
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** In one write, so that nothing flickers. */
  #draw(above: string): void {
    const { columns = 80, rows = 24 } = this.#terminal;
    const lines = this.#lines({ columns, rows });
    const height = heightOf(this.#drawn, columns);
    const up = height === 0 ? '' : `\u001b[${height}A`;
    this.#terminal.write(`${up}\r${ERASE_BELOW}${above}${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = lines;
  }
}

/** A window that became narrower has broken the lines that were drawn before. */
function heightOf(lines: readonly string[], columns: number): number {
  const lengths = lines.map((line) => stripVTControlCharacters(line).length);
  return lengths.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / columns)), 0);
}
