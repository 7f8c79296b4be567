/** One message of PostgreSQL's protocol, whole; `type` is "" for the untyped packets that open a connection. */
export interface PgFrame {
  readonly type: string;
  readonly bytes: Buffer;
}

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;

/** Whether the packet asks for encryption, which is answered by one byte and followed by another untyped packet. */
export function isEncryptionRequest(frame: PgFrame): boolean {
  if (frame.type !== '' || frame.bytes.length !== 8) return false;
  const code = frame.bytes.readInt32BE(4);
  return code === SSL_REQUEST || code === GSS_REQUEST;
}

/** Cuts one direction of a connection into whole messages; what is not whole yet waits. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #size = 0;
  #needed = 5;
  #isUntyped: boolean;

  /** The client's direction begins with untyped packets, the server's does not. */
  constructor(side: 'client' | 'server') {
    this.#isUntyped = side === 'client';
  }

  *push(chunk: Buffer): Generator<PgFrame> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#needed) {
      const pending = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const length = this.#isUntyped ? pending.readInt32BE(0) : 1 + pending.readInt32BE(1);
      this.#keep(pending);
      this.#needed = length;
      if (pending.length < length) return;
      this.#keep(pending.subarray(length));
      this.#needed = 5;
      yield this.#frame(pending.subarray(0, length));
    }
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
  }

  #frame(bytes: Buffer): PgFrame {
    if (!this.#isUntyped) return { type: String.fromCharCode(bytes[0] as number), bytes };
    const frame = { type: '', bytes };
    if (!isEncryptionRequest(frame)) this.#isUntyped = false;
    return frame;
  }
}

/** The zero-terminated strings after a frame's head, at most `count`. */
export function readStrings(frame: PgFrame, count: number): string[] {
  const strings: string[] = [];
  let from = 5;
  while (strings.length < count) {
    const end = frame.bytes.indexOf(0, from);
    if (end === -1) break;
    strings.push(frame.bytes.toString('utf8', from, end));
    from = end + 1;
  }
  return strings;
}
