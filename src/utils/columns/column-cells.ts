import type { JsonKind } from '../json/json-kind.js';
import type { RowCells } from '../rows/row-cells.js';
import { Cell } from './cell.js';

const INITIAL_CELLS = 1024;
const ESCAPED = 8;
const KIND = 7;

/** Bytes of several batches as if they stood one behind the other: a place is a number below 2^32. */
export class Contents {
  readonly #contents: readonly Buffer[];

  constructor(contents: readonly Buffer[]) {
    const total = contents.reduce((sum, { length }) => sum + length, 0);
    if (total >= 2 ** 32)
      throw new RangeError(`expected less than 4 GiB of messages at once, got ${total} bytes`);
    this.#contents = contents;
  }

  /** Stands before the first content. */
  createCursor(): ContentCursor {
    return new ContentCursor(this.#contents);
  }
}

/** Goes from content to content: `bytes` has the places [base, end). */
class ContentCursor {
  bytes: Buffer = Buffer.alloc(0);
  base = 0;
  end = 0;
  #index = 0;
  readonly #contents: readonly Buffer[];

  constructor(contents: readonly Buffer[]) {
    this.#contents = contents;
  }

  /** Goes on to the content that has a place. Places are asked for in the order of contents. */
  moveTo(place: number): void {
    while (place >= this.end) {
      this.bytes = this.#contents[this.#index++] as Buffer;
      this.base = this.end;
      this.end = this.base + this.bytes.length;
    }
  }
}

/** The values of one column that are not null, as places in the contents; as many bytes as there are values. */
export class ColumnCells {
  count = 0;
  /** The kinds of the values, as bits `1 << kind`. */
  seen = 0;
  #rows = new Uint32Array(INITIAL_CELLS);
  #starts = new Uint32Array(INITIAL_CELLS);
  #stops = new Uint32Array(INITIAL_CELLS);
  #kinds = new Uint8Array(INITIAL_CELLS);
  /** The key of the values, but for those rows that had another key for the same column. */
  #key: string | undefined;
  readonly #otherKeys = new Map<number, string>();

  /**
   * Adds value `i` of a row. Rows come in ascending order.
   *
   * @param base the place at which the row's content begins
   * @returns false when the row has a value already
   */
  add(row: number, cells: RowCells, i: number, base: number): boolean {
    const at = this.count;
    if (at > 0 && this.#rows[at - 1] === row) return false;
    if (at === this.#rows.length) this.#grow();
    const kind = cells.kinds[i] as JsonKind;
    this.#rows[at] = row;
    this.#starts[at] = base + (cells.starts[i] as number);
    this.#stops[at] = base + (cells.stops[i] as number);
    this.#kinds[at] = cells.escaped[i] ? kind | ESCAPED : kind;
    this.seen |= 1 << kind;
    this.#key ??= cells.keys[i] as string;
    if (this.#key !== cells.keys[i]) this.#otherKeys.set(row, cells.keys[i] as string);
    this.count++;
    return true;
  }

  /** The key that the row's value stood under, before renaming. */
  keyOf(row: number): string {
    return this.#otherKeys.get(row) ?? this.#key ?? '';
  }

  /** Shows each value, the same cell object every time, until `take` says false; says whether it never did. */
  every(contents: Contents, take: (row: number, cell: Cell) => boolean): boolean {
    const cell = new Cell();
    const cursor = contents.createCursor();
    for (let at = 0; at < this.count; at++) {
      const start = this.#starts[at] as number;
      const kind = this.#kinds[at] as number;
      if (start >= cursor.end) cursor.moveTo(start);
      cell.bytes = cursor.bytes;
      cell.start = start - cursor.base;
      cell.stop = (this.#stops[at] as number) - cursor.base;
      cell.kind = (kind & KIND) as JsonKind;
      cell.escaped = kind >= ESCAPED;
      if (!take(this.#rows[at] as number, cell)) return false;
    }
    return true;
  }

  #grow(): void {
    const length = this.#rows.length * 2;
    this.#rows = copyInto(new Uint32Array(length), this.#rows);
    this.#starts = copyInto(new Uint32Array(length), this.#starts);
    this.#stops = copyInto(new Uint32Array(length), this.#stops);
    this.#kinds = copyInto(new Uint8Array(length), this.#kinds);
  }
}

function copyInto<T extends Uint8Array | Uint32Array>(larger: T, smaller: T): T {
  larger.set(smaller);
  return larger;
}
