/** Bytes that grow and shrink as a file's do: what was never written reads as zeros. */
export class GrowingBytes {
  #buffer: Buffer;
  #length: number;

  constructor(bytes: Uint8Array = Buffer.alloc(0)) {
    this.#buffer = Buffer.alloc(Math.max(256, bytes.length));
    this.#buffer.set(bytes);
    this.#length = bytes.length;
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes now; a later change shows in them. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  write(bytes: Uint8Array, offset: number): void {
    this.extend(offset + bytes.length);
    this.#buffer.set(bytes, offset);
  }

  /** Makes the length at least `length`. */
  extend(length: number): void {
    if (length <= this.#length) return;
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, this.#buffer.length * 2));
      larger.set(this.view());
      this.#buffer = larger;
    }
    this.#length = length;
  }

  truncate(length: number): void {
    this.extend(length);
    this.#buffer.fill(0, length, this.#length);
    this.#length = length;
  }

  /** Fills `into` from `offset` on and says how many bytes there were. */
  read(into: Uint8Array, offset: number): number {
    const found = this.#buffer
      .subarray(Math.min(offset, this.#length), this.#length)
      .subarray(0, into.length);
    into.set(found);
    return found.length;
  }
}
