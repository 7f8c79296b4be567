/** Bytes that grow and shrink as a file's do: what was never written reads as zeros. */
export class GrowingBytes {
  #buffer: Buffer;
  #length: number;
  /** Whether somebody else may have the buffer; it is copied before it is changed. */
  #isShared = true;

  /** @param bytes what there is at first; not changed here, and not to be changed elsewhere */
  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#buffer = bytes;
    this.#length = bytes.length;
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes now. */
  view(): Buffer {
    this.#isShared = true;
    return this.#buffer.subarray(0, this.#length);
  }

  /** @param bytes not to be changed afterwards */
  write(bytes: Buffer, offset: number): void {
    if (offset === 0 && bytes.length >= this.#length) this.#adopt(bytes);
    else this.#lay(bytes, offset);
  }

  /** Makes the length at least `length`. */
  extend(length: number): void {
    if (length <= this.#length) return;
    this.#own(length);
    this.#length = length;
  }

  truncate(length: number): void {
    this.extend(length);
    if (length === this.#length) return;
    this.#buffer = this.#buffer.subarray(0, length);
    this.#length = length;
    this.#isShared = true;
  }

  /** Fills `into` from `offset` on and says how many bytes there were. */
  read(into: Uint8Array, offset: number): number {
    const found = this.#buffer
      .subarray(Math.min(offset, this.#length), this.#length)
      .subarray(0, into.length);
    into.set(found);
    return found.length;
  }

  #lay(bytes: Buffer, offset: number): void {
    if (bytes.length === 0) return;
    this.extend(offset + bytes.length);
    this.#own(this.#length);
    this.#buffer.set(bytes, offset);
  }

  #adopt(bytes: Buffer): void {
    this.#buffer = bytes;
    this.#length = bytes.length;
    this.#isShared = true;
  }

  /** A buffer of our own with room for `length` bytes and zeros behind what there is. */
  #own(length: number): void {
    if (!this.#isShared && length <= this.#buffer.length) return;
    const own = Buffer.alloc(Math.max(256, length + (length >> 1)));
    own.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = own;
    this.#isShared = false;
  }
}
