import { allocateLasting } from '../../utils/lasting-memory.js';
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
}

/** The windows of reads that were begun with one {@link ReadMemory}; their memory is used again in turn. */
export class Windows {
  static readonly #known = new WeakMap<ReadMemory, Windows>();
  readonly #isReused: boolean;
  readonly #windows = new Map<string, Window>();
  /** By kind, the memory of the window before the present one. */
  readonly #spare = new Map<string, Buffer>();

  /** @param isReused whether what was read may be overwritten */
  constructor(isReused: boolean) {
    this.#isReused = isReused;
  }

  static of(memory: ReadMemory): Windows {
    const known = Windows.#known.get(memory) ?? new Windows(true);
    Windows.#known.set(memory, known);
    return known;
  }

  get(kind: string): Window | undefined {
    return this.#windows.get(kind);
  }

  /** Memory for the next window of a kind; the present one's stays as it is. */
  room(kind: string, length: number): Buffer {
    const spare = this.#isReused ? this.#spare.get(kind) : undefined;
    this.#spare.delete(kind);
    if (spare !== undefined && spare.buffer.byteLength >= length) return Buffer.from(spare.buffer, 0, length);
    // Batches of one stage are about as large as each other; a little more room makes memory fit the next one too.
    const capacity = length < LARGE_BYTES ? length : Math.ceil(length * ROOM);
    const isLasting = this.#isReused && capacity >= LARGE_BYTES;
    const memory = isLasting ? allocateLasting(capacity) : Buffer.allocUnsafeSlow(capacity);
    return memory.subarray(0, length);
  }

  set(kind: string, window: Window): void {
    const before = this.#windows.get(kind);
    if (this.#isReused && before !== undefined) this.#spare.set(kind, before.bytes);
    this.#windows.set(kind, window);
  }
}
