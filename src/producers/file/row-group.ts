import type { Receipt } from '../../utils/rows/batch-content.js';

/** The rows of one file, as JSON objects, and when they were received. */
export class RowGroup {
  readonly lines: string[] = [];
  readonly receipts: Receipt[] = [];
  #bytes = 0;
  #last: Receipt | undefined;

  add(line: string, receipt: Receipt | undefined): void {
    if (receipt !== undefined && receipt !== this.#last) {
      this.receipts.push({ ...receipt, offset: this.#bytes });
      this.#last = receipt;
    }
    this.lines.push(line);
    this.#bytes += Buffer.byteLength(line) + 1;
  }

  /** All of them, each ended by a newline. */
  toText(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }
}
