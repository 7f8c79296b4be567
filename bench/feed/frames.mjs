const CHUNK_BYTES = 8 * 1024 * 1024;
const TEXT_FRAME = 0x81;
const SHORT = 126;
const LENGTH_IN_16_BITS = 126;

/** WebSocket frames of a server, built beforehand, one behind the other in one buffer. */
export class Frames {
  #bytes;
  #ends;

  /**
   * @param {Iterable<string>} messages each below 64 KiB
   * @param {number} count of them
   */
  constructor(messages, count) {
    this.#ends = new Float64Array(count);
    this.#bytes = Buffer.concat([...chunksOf(messages, this.#ends)]);
  }

  get count() {
    return this.#ends.length;
  }

  /**
   * The frames from `first` on up to, not with, `last`.
   *
   * @param {number} first
   * @param {number} last
   */
  slice(first, last) {
    return this.#bytes.subarray(this.#startOf(first), this.#startOf(last));
  }

  /**
   * The last of the frames that are together with `first` no more than so many bytes, or one frame, plus 1.
   *
   * @param {number} first
   * @param {number} maxBytes
   */
  lastWithin(first, maxBytes) {
    const limit = this.#startOf(first) + maxBytes;
    let [low, high] = [first + 1, this.count];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#startOf(middle) <= limit) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** @param {number} frame */
  #startOf(frame) {
    return frame === 0 ? 0 : this.#ends[frame - 1];
  }
}

/**
 * @param {Iterable<string>} messages
 * @param {Float64Array} ends is filled
 */
function* chunksOf(messages, ends) {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let [used, before, index] = [0, 0, 0];
  for (const message of messages) {
    const length = Buffer.byteLength(message);
    if (used + length + 4 > CHUNK_BYTES) {
      yield chunk.subarray(0, used);
      chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      before += used;
      used = 0;
    }
    used = writeFrame(chunk, used, message, length);
    ends[index++] = before + used;
  }
  yield chunk.subarray(0, used);
}

function writeFrame(chunk, at, message, length) {
  let next = chunk.writeUInt8(TEXT_FRAME, at);
  if (length < SHORT) next = chunk.writeUInt8(length, next);
  else next = chunk.writeUInt16BE(length, chunk.writeUInt8(LENGTH_IN_16_BITS, next));
  return next + chunk.write(message, next);
}
