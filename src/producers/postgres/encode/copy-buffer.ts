import { allocateLasting } from '../../../utils/lasting-memory.js';

const INITIAL_BYTES = 256 * 1024;
/** From here on memory is taken in steps. */
const LARGE_BYTES = 4 * 1024 * 1024;
const STEP_BYTES = 32 * 1024 * 1024;
/** Up to here a loop is faster than a call. */
const SHORT_BYTES = 48;

/**
 * The growing, reused bytes of a binary COPY. Every `put` writes at the end; `length` can be set back to undo.
 * Field format: int32 length, then the value; a length of -1 is NULL.
 */
export class CopyBuffer {
  readonly #allocate: (length: number) => Buffer;
  bytes: Buffer;
  length = 0;
  /** The same bytes; its calls are compiled to single instructions, those of Buffer are not. */
  view: DataView;

  constructor(initialBytes = INITIAL_BYTES, allocate = allocateBySize) {
    this.#allocate = allocate;
    this.bytes = allocate(initialBytes);
    this.view = viewOf(this.bytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const needed = Math.max(this.length + count, this.bytes.length * 2);
    // What is not touched costs nothing.
    const rounded = needed > LARGE_BYTES ? Math.ceil(needed / STEP_BYTES) * STEP_BYTES : needed;
    const larger = this.#allocate(rounded);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  putInt16(value: number): void {
    this.reserve(2);
    this.view.setInt16(this.length, value);
    this.length += 2;
  }

  putInt32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.length, value);
    this.length += 4;
  }

  putInt64(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.length, value);
    this.length += 8;
  }

  /** An integer of at most 53 bits in two, four or eight bytes. */
  putInteger(value: number, byteCount: 2 | 4 | 8): void {
    if (byteCount === 2) this.putInt16(value);
    else {
      if (byteCount === 8) this.putInt32(Math.floor(value / 2 ** 32));
      this.putInt32(value | 0);
    }
  }

  putDouble(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value);
    this.length += 8;
  }

  putFloat(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.length, value);
    this.length += 4;
  }

  putByte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Copies bytes [start, stop) of `source`. */
  putBytes(source: Uint8Array, start: number, stop: number): void {
    this.reserve(stop - start);
    if (stop - start > SHORT_BYTES) {
      this.bytes.set(source.subarray(start, stop), this.length);
      this.length += stop - start;
      return;
    }
    const { bytes } = this;
    let to = this.length;
    for (let at = start; at < stop; at++) bytes[to++] = source[at] as number;
    this.length = to;
  }

  /** A whole field holding text. */
  putTextField(text: string): void {
    const start = this.beginField();
    this.putText(text);
    this.endField(start);
  }

  /** Text without a length before it. */
  putText(text: string): void {
    const size = Buffer.byteLength(text);
    this.reserve(size);
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  /** Begins a field whose length is not known yet. @returns its place, for `endField` */
  beginField(): number {
    this.putInt32(0);
    return this.length;
  }

  /** Gives the field that began at `start` its length. */
  endField(start: number): void {
    this.view.setInt32(start - 4, this.length - start);
  }

  putNull(): void {
    this.putInt32(-1);
  }
}

function allocateBySize(length: number): Buffer {
  return length > LARGE_BYTES ? allocateLasting(length) : Buffer.allocUnsafeSlow(length);
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
