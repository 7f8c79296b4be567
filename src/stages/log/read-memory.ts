import type { ReadMemory } from '../stage.js';

/** How much more than is needed is allocated. */
const ROOM = 1.125;
const LARGE_BYTES = 1024 * 1024;

/** What was read at once, of one file. */
export interface Window {
  /** Whose file it is. */
  readonly owner: object;
  readonly file: string;
  readonly from: number;
  readonly bytes: Buffer;
  /** What the bytes are the beginning of. */
  readonly room: Buffer;
}

/** The windows of reads that were begun with one {@link ReadMemory}; their memory is used again in turn. */
export class Windows {
  static readonly #known = new WeakMap<ReadMemory, Windows>();
  readonly #allocate: ReadMemory['allocate'] | undefined;
  readonly #windows = new Map<string, Window>();
  /** By kind, the room of the window before the present one. */
  readonly #spare = new Map<string, Buffer>();

  /** @param allocate for what may be overwritten; without it, what was read stays */
  constructor(allocate?: ReadMemory['allocate']) {
    this.#allocate = allocate;
  }

  static of(memory: ReadMemory): Windows {
    const known = Windows.#known.get(memory) ?? new Windows(memory.allocate);
    Windows.#known.set(memory, known);
    return known;
  }

  get(kind: string): Window | undefined {
    return this.#windows.get(kind);
  }

  /** Memory for the next window of a kind, at least so long; the present one's stays as it is. */
  room(kind: string, length: number): Buffer {
    const spare = this.#spare.get(kind);
    this.#spare.delete(kind);
    if (spare !== undefined && spare.length >= length) return spare;
    if (length < LARGE_BYTES) return Buffer.allocUnsafeSlow(length);
    // Batches of one stage are about as large as each other; a little more room makes memory fit the next one too.
    const capacity = Math.ceil(length * ROOM);
    return this.#allocate?.(capacity) ?? Buffer.allocUnsafeSlow(capacity);
  }

  set(kind: string, window: Window): void {
    const before = this.#windows.get(kind);
    if (this.#allocate !== undefined && before !== undefined) this.#spare.set(kind, before.room);
    this.#windows.set(kind, window);
  }
}
