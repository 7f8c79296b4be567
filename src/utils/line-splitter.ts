const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Cuts a stream of bytes into lines, without their ends; empty lines are none. */
export class LineSplitter {
  #rest: Buffer[] = [];

  /** The lines that these bytes complete. Memory of `bytes` is kept until the line after is complete. */
  take(bytes: Buffer): readonly Buffer[] {
    const lines: Buffer[] = [];
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      const line = this.#complete(bytes.subarray(from, to));
      if (line.length > 0) lines.push(line);
      from = to + 1;
    }
    if (from < bytes.length) this.#rest.push(bytes.subarray(from));
    return lines;
  }

  /** What stands behind the last newline. */
  rest(): Buffer {
    return this.#complete(Buffer.alloc(0));
  }

  #complete(end: Buffer): Buffer {
    const line = this.#rest.length === 0 ? end : Buffer.concat([...this.#rest, end]);
    this.#rest = [];
    return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
  }
}
