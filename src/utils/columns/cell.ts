import { JSON_KIND, type JsonKind } from '../json/json-kind.js';
import { stringText } from '../json/json-text.js';

/** One value's place in the bytes of a batch: [start, stop), quotes included. Reused from value to value. */
export class Cell {
  bytes: Buffer = Buffer.alloc(0);
  kind: JsonKind = JSON_KIND.null;
  start = 0;
  stop = 0;
  escaped = false;

  /** The text of a string, and of any other value its JSON as received. */
  text(): string {
    if (this.kind === JSON_KIND.string) return stringText(this.bytes, this.start, this.stop, this.escaped);
    return this.json();
  }

  /** The value's JSON as received. */
  json(): string {
    return this.bytes.toString('utf8', this.start, this.stop);
  }

  /** The text of a number's digits or of a string; undefined for other kinds. */
  literal(): string | undefined {
    return this.kind === JSON_KIND.number || this.kind === JSON_KIND.string ? this.text() : undefined;
  }
}
