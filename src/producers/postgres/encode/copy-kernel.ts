import type { CopyBuffer } from './copy-buffer.js';

const NEWLINE = 0x0a;
const WORD = 4;
const ENTRY = 16;
/** So many bytes of rows are copied at first, and after rows of another kind; then four times as many each time. */
const FIRST_WINDOW = 4 * 1024;
const GROWTH = 4;

/** What rows look like that the kernel takes. */
export interface RowTemplate {
  /** Keys in the order of the rows, each as it stands in JSON, with its quotes. */
  readonly keys: readonly Uint8Array[];
  /** Per key, the quick code of its column's type, and whether it takes NULL. */
  readonly types: readonly { readonly code: number; readonly isNullable: boolean }[];
  /** Per column, the number of its key; below 0 for NULL. */
  readonly keyOf: Int32Array;
  /** Fields of a row, also those of the suffix. */
  readonly width: number;
  /** Fields behind the columns. */
  readonly suffix: Uint8Array;
}

/** Lines, of which those that begin in [from, to) may be taken. */
export interface RowRange {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** How many rows were taken, and where the first begins that was not. */
export interface RowsTaken {
  readonly rows: number;
  readonly at: number;
}

/** What a run of the kernel came to. */
export interface KernelRun extends RowsTaken {
  /** Whether it stopped because there was no room for another row. */
  readonly isFull: boolean;
}

type Place =
  | 'TASK'
  | 'OUTPUT'
  | 'RESULT'
  | 'KEYS'
  | 'COLUMNS'
  | 'SUFFIX'
  | 'TEXTS'
  | 'INPUT'
  | 'FREE'
  | 'SLACK'
  | 'MOST'
  | 'MOST_SUFFIX'
  | 'MOST_TEXTS'
  | 'NULLABLE';

/** What the module of assembly/copy-rows.ts exports; positions are in bytes of its memory. */
export interface KernelExports extends Readonly<Record<Place, { readonly value: number }>> {
  readonly copyRows: (from: number, to: number, end: number) => number;
}

/**
 * Turns rows of JSON into rows of a binary COPY with the module of assembly/copy-rows.ts: rows that are all like the
 * template, several times as fast as one by one. It writes into its own memory, and reads from there without copying.
 */
export class CopyKernel {
  readonly #copyRows: KernelExports['copyRows'];
  readonly #memory: Buffer;
  readonly #words: Int32Array;
  readonly #places: Readonly<Record<Place, number>>;
  #template: RowTemplate | undefined;
  #window = FIRST_WINDOW;

  constructor(memory: ArrayBufferLike, { copyRows, ...places }: KernelExports) {
    this.#copyRows = copyRows;
    this.#memory = Buffer.from(memory);
    this.#words = new Int32Array(memory);
    const values = Object.entries(places).map(([name, { value }]) => [name, value] as const);
    this.#places = Object.fromEntries(values) as Record<Place, number>;
  }

  /** Where memory begins that is free for lines and rows. */
  get free(): number {
    return this.#places.FREE;
  }

  /** So many bytes behind what is read or written may be read, or written, too. */
  get slack(): number {
    return this.#places.SLACK;
  }

  /** Whether rows of a template can be taken at all. */
  takes({ keys, keyOf, suffix }: RowTemplate): boolean {
    const { MOST, MOST_SUFFIX, MOST_TEXTS } = this.#places;
    const texts = keys.reduce((sum, key) => sum + roomOf(key), 0);
    const areFew = keys.length <= MOST && keyOf.length <= MOST && texts <= MOST_TEXTS;
    return (
      areFew && suffix.length <= MOST_SUFFIX && keys.length > 0 && keys.every(({ length }) => length > 0)
    );
  }

  /**
   * Appends rows that are like the template, up to the first that is not. The output is that of the other lanes.
   *
   * @param out in this kernel's memory
   */
  run(template: RowTemplate, range: RowRange, out: CopyBuffer): KernelRun {
    if (template !== this.#template) this.#set(template);
    return range.bytes.buffer === this.#memory.buffer
      ? this.#runInPlace(range, out)
      : this.#runCopied(range, out);
  }

  #runInPlace({ bytes, from, to }: RowRange, out: CopyBuffer): KernelRun {
    const start = bytes.byteOffset;
    const { rows, at, isFull } = this.#runOnce(start + from, start + to, start + bytes.length, out);
    return { rows, at: at - start, isFull };
  }

  #runCopied({ bytes, from, to }: RowRange, out: CopyBuffer): KernelRun {
    const { INPUT, FREE, SLACK } = this.#places;
    const most = FREE - INPUT - SLACK;
    let at = from;
    let rows = 0;
    while (at < to) {
      const lines = bytes.subarray(at, Math.min(to, at + this.#window));
      this.#memory.set(lines, INPUT);
      const end = INPUT + lines.length;
      this.#memory[end] = 0;
      const taken = this.#runOnce(INPUT, end, end, out);
      const behind = taken.at - INPUT;
      rows += taken.rows;
      at += behind;
      if (taken.isFull) return { rows, at, isFull: true };
      const isStopped = lines.includes(NEWLINE, behind);
      if (taken.rows === 0 && (isStopped || at + lines.length === to || lines.length === most)) break;
      this.#window = isStopped ? FIRST_WINDOW : Math.min(this.#window * GROWTH, most);
    }
    return { rows, at, isFull: false };
  }

  /** Positions are those of the memory. */
  #runOnce(from: number, to: number, end: number, out: CopyBuffer): KernelRun {
    const start = out.bytes.byteOffset;
    const output = this.#places.OUTPUT / WORD;
    this.#words[output] = start + out.length;
    this.#words[output + 1] = start + out.bytes.length;
    const at = this.#copyRows(from, to, end);
    const result = this.#places.RESULT / WORD;
    out.length = (this.#words[result + 1] as number) - start;
    return { rows: this.#words[result] as number, at, isFull: this.#words[result + 2] !== 0 };
  }

  #set(template: RowTemplate): void {
    const { TASK, SUFFIX, COLUMNS } = this.#places;
    const { keys, keyOf, width, suffix } = template;
    const header = ((width & 0xff) << 8) | (width >> 8);
    this.#words.set([keys.length, keyOf.length, header, suffix.length], TASK / WORD);
    this.#words.set(keyOf, COLUMNS / WORD);
    this.#memory.set(suffix, SUFFIX);
    this.#setKeys(template);
    this.#template = template;
    this.#window = FIRST_WINDOW;
  }

  #setKeys({ keys, types }: RowTemplate): void {
    const { KEYS, TEXTS, NULLABLE } = this.#places;
    let text = TEXTS;
    for (const [i, key] of keys.entries()) {
      const { code, isNullable } = types[i] as RowTemplate['types'][number];
      this.#words.set([text, key.length + 1, isNullable ? code | NULLABLE : code], (KEYS + i * ENTRY) / WORD);
      this.#memory.fill(0, text, text + roomOf(key));
      this.#memory.set(key, text);
      this.#memory.write(':', text + key.length);
      text += roomOf(key);
    }
  }
}

/** A key is followed by its colon, and zeros up to the next multiple of eight. */
function roomOf(key: Uint8Array): number {
  return Math.ceil((key.length + 1) / 8) * 8;
}
