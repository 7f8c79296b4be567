// Of PostgreSQL's protocol, what it takes to find COMMIT:
// https://www.postgresql.org/docs/current/protocol-message-formats.html
const HEAD_BYTES = 5;
const ENCRYPTION_REQUESTS = [80_877_103, 80_877_104];
const COMMIT = /(^|;)\s*commit\s*;?\s*$/i;

/** Cuts one direction of a connection into whole messages; what is not whole yet waits. */
export class FrameSplitter {
  #chunks = [];
  #size = 0;
  #needed = HEAD_BYTES;
  #isUntyped;

  /** @param {'client' | 'server'} side the client's direction begins with packets without a type */
  constructor(side) {
    this.#isUntyped = side === 'client';
  }

  /**
   * @param {Buffer} chunk
   * @returns {Buffer[]} the messages that are whole now
   */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    const frames = [];
    let rest = Buffer.concat(this.#chunks);
    for (let length = this.#lengthOf(rest); length <= rest.length; length = this.#lengthOf(rest)) {
      const frame = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (!isEncryptionRequest(frame)) this.#isUntyped = false;
      frames.push(frame);
    }
    this.#keep(rest);
    return frames;
  }

  #lengthOf(bytes) {
    if (bytes.length < HEAD_BYTES) return HEAD_BYTES;
    return this.#isUntyped ? bytes.readInt32BE(0) : 1 + bytes.readInt32BE(1);
  }

  #keep(rest) {
    this.#chunks = [rest];
    this.#size = rest.length;
    this.#needed = this.#lengthOf(rest);
  }
}

/**
 * Whether a client asks for encryption, which is answered by one byte and followed by another packet without a type.
 *
 * @param {Buffer} frame
 */
export function isEncryptionRequest(frame) {
  return frame.length === 8 && ENCRYPTION_REQUESTS.includes(frame.readInt32BE(4));
}

/** Sees where the transactions of one connection load rows and commit. */
export class CommitWatch {
  #hasRows = false;

  /**
   * @param {Buffer} frame of the client
   * @returns {boolean} whether it asks for the COMMIT of rows
   */
  isQuestion(frame) {
    const type = typeOf(frame);
    if (type === 'd') this.#hasRows = true;
    return this.#hasRows && type === 'Q' && COMMIT.test(textOf(frame));
  }

  /**
   * @param {Buffer} frame of the server
   * @returns {boolean} whether it says that rows are committed
   */
  isAnswer(frame) {
    const isAnswer = this.#hasRows && typeOf(frame) === 'C' && textOf(frame) === 'COMMIT';
    const isIdle = typeOf(frame) === 'Z' && frame.toString('latin1', HEAD_BYTES) === 'I';
    if (isIdle) this.#hasRows = false;
    return isAnswer;
  }
}

/** @param {Buffer} frame */
function typeOf(frame) {
  return String.fromCharCode(frame[0]);
}

/** @param {Buffer} frame with one text, which ends in a zero */
function textOf(frame) {
  return frame.toString('utf8', HEAD_BYTES, frame.length - 1);
}
