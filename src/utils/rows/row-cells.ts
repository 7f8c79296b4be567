import type { JsonKind } from '../json/json-kind.js';
import { JSON_KIND } from '../json/json-kind.js';
import type { JsonScanner } from '../json/json-scanner.js';
import { type JsonSpan, stringText } from '../json/json-text.js';

const NO_KEY = Buffer.alloc(0);

/**
 * One row as places in its message's bytes: cell i has the key `keys[i]` and the bytes [starts[i], stops[i]).
 * The arrays are reused for the next row; only the first `count` entries count. Keys are distinct: of a repeated
 * key the last cell stays, as with `JSON.parse`. The same key at the same place in the next row is the same string
 * object, so that a reader can remember by place what the key means.
 */
export class RowCells {
  bytes: Buffer = NO_KEY;
  count = 0;
  readonly keys: string[] = [];
  readonly kinds: JsonKind[] = [];
  readonly starts: number[] = [];
  readonly stops: number[] = [];
  readonly escaped: boolean[] = [];
  /** Whether some cells stand elsewhere than in the row, or under other keys. */
  hasIncluded = false;
  /** The whole row's bytes, for a dead letter. */
  start = 0;
  stop = 0;
  readonly #keyBytes: Uint8Array[] = [];
  /** So many leading keys are known to differ from each other. */
  #distinct = 0;

  /** Reads the object that the scanner stands before. */
  read(scanner: JsonScanner): void {
    this.bytes = scanner.bytes;
    this.hasIncluded = false;
    this.count = 0;
    scanner.open('{');
    this.start = scanner.position - 1;
    for (let first = true; scanner.next('}', first); first = false) {
      scanner.key();
      this.#takeKey(scanner);
      scanner.value(1);
      this.#takeValue(scanner);
    }
    this.stop = scanner.position;
    if (this.count > this.#distinct) this.#dropRepeated();
  }

  /** Becomes a row with one cell. */
  readOne(bytes: Buffer, key: string, span: JsonSpan): void {
    this.bytes = bytes;
    this.hasIncluded = false;
    this.count = 1;
    this.#set(0, key, span);
    this.#forget(0);
    this.start = span.start;
    this.stop = span.stop;
  }

  /** Adds a cell that stands elsewhere in the message; the row's own cell of that key gets a `_` behind its key. */
  include(key: string, span: JsonSpan): void {
    this.hasIncluded = true;
    const own = this.#indexOf(key);
    if (own >= 0) this.#rename(own, `${key}_`);
    const at = this.count++;
    this.#set(at, key, span);
    this.#forget(at);
  }

  #rename(at: number, key: string): void {
    const isTaken = this.#indexOf(key) >= 0;
    if (isTaken) {
      this.#rename(at, `${key}_`);
      return;
    }
    this.keys[at] = key;
    this.#forget(at);
  }

  #indexOf(key: string): number {
    const at = this.keys.indexOf(key);
    return at < this.count ? at : -1;
  }

  /** What is at this place now says nothing about the next row. */
  #forget(at: number): void {
    this.#keyBytes[at] = NO_KEY;
    this.#distinct = Math.min(this.#distinct, at);
  }

  #takeKey(scanner: JsonScanner): void {
    const at = this.count;
    const known = this.#keyBytes[at];
    if (known !== undefined && isSameBytes(known, scanner.bytes, scanner.start, scanner.stop)) return;
    this.keys[at] = stringText(scanner.bytes, scanner.start, scanner.stop, scanner.escaped);
    // A copy, because a view would keep the whole batch.
    this.#keyBytes[at] = Buffer.from(scanner.bytes.subarray(scanner.start, scanner.stop));
    this.#distinct = Math.min(this.#distinct, at);
  }

  #takeValue(scanner: JsonScanner): void {
    const at = this.count++;
    this.kinds[at] = scanner.kind;
    this.starts[at] = scanner.start;
    this.stops[at] = scanner.stop;
    this.escaped[at] = scanner.escaped;
  }

  #dropRepeated(): void {
    const lastOf = new Map<string, number>();
    for (let i = 0; i < this.count; i++) lastOf.set(this.keys[i] as string, i);
    if (lastOf.size === this.count) {
      this.#distinct = this.count;
      return;
    }
    const cells = [...lastOf].map(([key, i]) => ({ key, span: this.span(i) }));
    this.count = cells.length;
    this.#distinct = 0;
    cells.forEach(({ key, span }, i) => {
      this.#set(i, key, span);
      this.#keyBytes[i] = NO_KEY;
    });
  }

  /** Cell i's value as one object. */
  span(i: number): JsonSpan {
    return {
      kind: this.kinds[i] ?? JSON_KIND.null,
      start: this.starts[i] ?? 0,
      stop: this.stops[i] ?? 0,
      escaped: this.escaped[i] ?? false,
    };
  }

  #set(at: number, key: string, span: JsonSpan): void {
    this.keys[at] = key;
    this.kinds[at] = span.kind;
    this.starts[at] = span.start;
    this.stops[at] = span.stop;
    this.escaped[at] = span.escaped;
  }
}

function isSameBytes(known: Uint8Array, bytes: Uint8Array, start: number, stop: number): boolean {
  if (known.length !== stop - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
