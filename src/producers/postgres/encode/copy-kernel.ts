import { readFileSync } from 'node:fs';
import type { CopyBuffer } from './copy-buffer.js';

/** Built from assembly/copy-rows.ts; at the same place from `src` and from `dist`. */
const MODULE = new URL('../../../../dist/copy-rows.wasm', import.meta.url);

const NEWLINE = 0x0a;
const WORD = 4;
const ENTRY = 16;
/** So many bytes of rows are given at first, and after rows of another kind; then four times as many each time. */
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

/** Bytes [from, to), lines that are rows. */
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

type Place =
  | 'TASK'
  | 'RESULT'
  | 'KEYS'
  | 'COLUMNS'
  | 'SUFFIX'
  | 'TEXTS'
  | 'INPUT'
  | 'OUTPUT'
  | 'SLACK'
  | 'MOST'
  | 'MOST_SUFFIX'
  | 'MOST_TEXTS'
  | 'NULLABLE';

/** What of the global is used; its types come with those of browsers only. */
declare const WebAssembly: {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports extends Readonly<Record<Place, { readonly value: number }>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly copyRows: (end: number, limit: number) => number;
}

/**
 * Turns rows of JSON into rows of a binary COPY with the module of assembly/copy-rows.ts: rows that are all like the
 * template, several times as fast as one by one. One of its kind is enough for a thread.
 */
export class CopyKernel {
  static #shared: CopyKernel | 'none' | undefined;
  readonly #copyRows: Exports['copyRows'];
  readonly #memory: Buffer;
  readonly #words: Int32Array;
  readonly #places: Readonly<Record<Place, number>>;
  #template: RowTemplate | undefined;
  #window = FIRST_WINDOW;

  private constructor({ memory, copyRows, ...places }: Exports) {
    this.#copyRows = copyRows;
    this.#memory = Buffer.from(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    const values = Object.entries(places).map(([name, { value }]) => [name, value] as const);
    this.#places = Object.fromEntries(values) as Record<Place, number>;
  }

  /** The one of this thread; undefined where Node.js runs no WebAssembly, or the processor lacks what it needs. */
  static get shared(): CopyKernel | undefined {
    CopyKernel.#shared ??= CopyKernel.#load() ?? 'none';
    return CopyKernel.#shared === 'none' ? undefined : CopyKernel.#shared;
  }

  static #load(): CopyKernel | undefined {
    if (typeof WebAssembly === 'undefined') return undefined;
    const bytes = readFileSync(MODULE);
    if (!WebAssembly.validate(bytes)) return undefined;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return new CopyKernel(instance.exports as Exports);
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

  /** Appends rows that are like the template, up to the first that is not. The output is that of the other lanes. */
  run(template: RowTemplate, { bytes, from, to }: RowRange, out: CopyBuffer): RowsTaken {
    if (template !== this.#template) this.#set(template);
    const { INPUT, OUTPUT, SLACK } = this.#places;
    const most = OUTPUT - INPUT - SLACK;
    let at = from;
    let rows = 0;
    while (at < to) {
      const lines = bytes.subarray(at, Math.min(to, at + this.#window));
      const taken = this.#runOnce(lines, out);
      rows += taken.rows;
      at += taken.at;
      const isStopped = lines.includes(NEWLINE, taken.at);
      if (taken.rows === 0 && (isStopped || at + lines.length === to || lines.length === most)) break;
      this.#window = isStopped ? FIRST_WINDOW : Math.min(this.#window * GROWTH, most);
    }
    return { rows, at };
  }

  /** @returns `at` from the start of the lines */
  #runOnce(lines: Uint8Array, out: CopyBuffer): RowsTaken {
    const { INPUT, OUTPUT, RESULT } = this.#places;
    const end = INPUT + lines.length;
    this.#memory.set(lines, INPUT);
    this.#memory[end] = 0;
    const stop = this.#copyRows(end, this.#memory.length);
    const outEnd = this.#words[RESULT / WORD + 1] as number;
    out.putBytes(this.#memory, OUTPUT, outEnd);
    return { rows: this.#words[RESULT / WORD] as number, at: stop - INPUT };
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
