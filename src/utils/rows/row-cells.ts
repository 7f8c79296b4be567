import type { JsonKind } from '../json/json-kind.js';
import type { JsonScanner } from '../json/json-scanner.js';
import { type JsonSpan, stringText } from '../json/json-text.js';
import { KeyTable, NO_KEY } from './key-table.js';

const INITIAL_CELLS = 64;
const MAX_ROW = 2 ** 32 - 1;

/** The scale of a value that is no number of at most 15 digits, or was not looked at. */
export const NOT_SHORT = 255;

/**
 * One row as places in its message's bytes: cell i has the key `keys[i]`, in `keyTable` number `keyIds[i]`, and the
 * bytes [starts[i], stops[i]). The arrays are reused for the next row; only the first `count` entries count. Keys are
 * distinct: of a repeated key the last cell stays, as with `JSON.parse`.
 */
export class RowCells {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  /** So many cells have room. */
  capacity = INITIAL_CELLS;
  readonly keyTable = new KeyTable();
  /** `NO_KEY` of a key that is not in the table. */
  keyIds = new Int16Array(INITIAL_CELLS);
  kinds = new Uint8Array(INITIAL_CELLS);
  starts = new Int32Array(INITIAL_CELLS);
  stops = new Int32Array(INITIAL_CELLS);
  /** 1 where the value contains a backslash. */
  escaped = new Uint8Array(INITIAL_CELLS);
  /** Digits behind the decimal point of numbers whose value is in `numbers`; `NOT_SHORT` of all other cells. */
  scales = new Uint8Array(INITIAL_CELLS);
  numbers = new Float64Array(INITIAL_CELLS);
  /** Whether some cells stand elsewhere than in the row, or under other keys. */
  hasIncluded = false;
  /** Whether the fast lane read it. */
  isFast = false;
  /** Another number whenever the keys, or their order, are not those of the row before. */
  keysVersion = 0;
  /** The whole row's bytes, for a dead letter. */
  start = 0;
  stop = 0;
  /** By a key's number plus one, the number plus one of the key that came behind it last; 0 none. */
  readonly successors = new Int16Array(this.keyTable.froms.length + 1);
  /** By a key's number, the last row that had it. */
  readonly stamps = new Uint32Array(this.keyTable.froms.length);
  readonly #keys: string[] = [];
  /** Whether `#keys` are those of this row. */
  #hasKeys = false;
  #viewed: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #row = 0;

  /** The keys as text. */
  get keys(): readonly string[] {
    if (this.#hasKeys) return this.#keys;
    for (let i = 0; i < this.count; i++)
      this.#keys[i] = this.keyTable.texts[this.keyIds[i] as number] as string;
    this.#hasKeys = true;
    return this.#keys;
  }

  /** The number of the cell with a key; below 0 when there is none. */
  indexOf(key: string): number {
    const at = this.keys.indexOf(key);
    return at < this.count ? at : -1;
  }

  /** Reads the object that the scanner stands before. */
  read(scanner: JsonScanner): void {
    const row = this.nextRow();
    let mayRepeat = false;
    this.#begin(scanner.bytes);
    scanner.open('{');
    this.start = scanner.position - 1;
    for (let first = true; scanner.next('}', first); first = false) {
      scanner.key();
      const id = this.#takeKey(scanner);
      mayRepeat ||= id === NO_KEY || this.stamps[id] === row;
      if (id !== NO_KEY) this.stamps[id] = row;
      scanner.value(1);
      this.#takeValue(scanner);
    }
    this.stop = scanner.position;
    if (mayRepeat) this.#dropRepeated();
  }

  /** Becomes a row with one cell. */
  readOne(bytes: Buffer, key: string, span: JsonSpan): void {
    this.#begin(bytes);
    this.#add(key, span);
    this.start = span.start;
    this.stop = span.stop;
  }

  /** Adds a cell that stands elsewhere in the message; the row's own cell of that key gets a `_` behind its key. */
  include(key: string, span: JsonSpan): void {
    this.hasIncluded = true;
    this.keysVersion++;
    const own = this.indexOf(key);
    if (own >= 0) this.#rename(own, `${key}_`);
    this.#add(key, span);
  }

  /** Cell i's value as one object. */
  span(i: number): JsonSpan {
    return {
      kind: (this.kinds[i] ?? 0) as JsonKind,
      start: this.starts[i] ?? 0,
      stop: this.stops[i] ?? 0,
      escaped: this.escaped[i] === 1,
    };
  }

  /** The bytes to be read in words. */
  viewOf(bytes: Buffer): DataView {
    if (this.#viewed !== bytes) {
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#viewed = bytes;
    }
    return this.#view;
  }

  /** A number for the row that begins, which no row before had. */
  nextRow(): number {
    if (this.#row === MAX_ROW) {
      this.stamps.fill(0);
      this.#row = 0;
    }
    return ++this.#row;
  }

  /** Makes room for more cells. */
  grow(): void {
    this.capacity *= 2;
    this.keyIds = copyInto(new Int16Array(this.capacity), this.keyIds);
    this.kinds = copyInto(new Uint8Array(this.capacity), this.kinds);
    this.starts = copyInto(new Int32Array(this.capacity), this.starts);
    this.stops = copyInto(new Int32Array(this.capacity), this.stops);
    this.escaped = copyInto(new Uint8Array(this.capacity), this.escaped);
    this.scales = copyInto(new Uint8Array(this.capacity), this.scales);
    this.numbers = copyInto(new Float64Array(this.capacity), this.numbers);
  }

  /** The fast lane has filled the first `count` cells with the row in bytes [start, stop). */
  endFast(bytes: Buffer, start: number, stop: number, count: number): void {
    this.bytes = bytes;
    if (count !== this.count) this.keysVersion++;
    this.count = count;
    this.#hasKeys = false;
    this.start = start;
    this.stop = stop;
    this.hasIncluded = false;
    this.isFast = true;
  }

  #begin(bytes: Buffer): void {
    this.keysVersion++;
    this.bytes = bytes;
    this.count = 0;
    this.hasIncluded = false;
    this.isFast = false;
    this.#hasKeys = true;
  }

  #rename(at: number, key: string): void {
    const isTaken = this.indexOf(key) >= 0;
    if (isTaken) {
      this.#rename(at, `${key}_`);
      return;
    }
    this.#keys[at] = key;
    this.keyIds[at] = this.keyTable.intern(key);
  }

  #takeKey({ bytes, start, stop, escaped }: JsonScanner): number {
    const { keyTable } = this;
    if (this.count === this.capacity) this.grow();
    const text = escaped ? stringText(bytes, start, stop, true) : undefined;
    const id = text === undefined ? keyTable.internBytes(bytes, start, stop) : keyTable.intern(text);
    this.keyIds[this.count] = id;
    this.#keys[this.count] = keyTable.texts[id] ?? text ?? stringText(bytes, start, stop, false);
    return id;
  }

  #takeValue(scanner: JsonScanner): void {
    const at = this.count++;
    this.kinds[at] = scanner.kind;
    this.starts[at] = scanner.start;
    this.stops[at] = scanner.stop;
    this.escaped[at] = scanner.escaped ? 1 : 0;
    this.scales[at] = NOT_SHORT;
  }

  #dropRepeated(): void {
    const lastOf = new Map<string, number>();
    for (let i = 0; i < this.count; i++) lastOf.set(this.keys[i] as string, i);
    if (lastOf.size === this.count) return;
    const cells = [...lastOf].map(([key, i]) => ({ key, span: this.span(i) }));
    this.count = 0;
    for (const { key, span } of cells) this.#add(key, span);
  }

  #add(key: string, span: JsonSpan): void {
    const at = this.count++;
    if (at === this.capacity) this.grow();
    this.#keys[at] = key;
    this.keyIds[at] = this.keyTable.intern(key);
    this.kinds[at] = span.kind;
    this.starts[at] = span.start;
    this.stops[at] = span.stop;
    this.escaped[at] = span.escaped ? 1 : 0;
    this.scales[at] = NOT_SHORT;
  }
}

function copyInto<T extends { set(from: T): void }>(larger: T, smaller: T): T {
  larger.set(smaller);
  return larger;
}
