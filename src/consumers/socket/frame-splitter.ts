import {
  headerBytes,
  isControl,
  isFinal,
  isFollowed,
  MAX_HEADER_BYTES,
  payloadLength,
} from './frame-header.js';

const FINAL_TEXT = 0x81;
const FINAL_BINARY = 0x82;
/** In the place of a length: it is in the next two bytes. */
const LONG = 126;
const SHORT_HEADER_BYTES = 2;
const LONG_HEADER_BYTES = 4;
const MAX_RUN = 8192;

/** What becomes of the bytes of a stream of frames. They are valid during the call only. */
export interface FrameSink {
  /** Messages that lie whole in `read`, of which message i is [bounds[2i], bounds[2i + 1]). */
  messages(read: Uint8Array, bounds: Int32Array, count: number): void;
  /**
   * Bytes of all other frames, as they came.
   *
   * @param isMessage whether a message ends with them
   * @returns whether to go on; otherwise the rest is not for us
   */
  other(bytes: Uint8Array, isMessage: boolean): boolean;
  /** What is behind frames that are not understood here; nothing is read any more. */
  rest(bytes: Uint8Array): void;
}

/**
 * Finds the messages in a server's frames. Only what is the rule is looked at here: frames that are whole messages and
 * lie whole in one read. All others go elsewhere at once, none of their bytes is kept.
 */
export class FrameSplitter {
  readonly #sink: FrameSink;
  readonly #maxBytes: number;
  readonly #bounds = new Int32Array(2 * MAX_RUN);
  /** The header of the frame that is being passed on, as far as it came; none at the beginning of a frame. */
  readonly #head = new Uint8Array(MAX_HEADER_BYTES);
  #headLength = 0;
  /** So many bytes the header has; not known before the second. */
  #headBytes = MAX_HEADER_BYTES;
  /** Bytes of its payload that did not come yet. */
  #left = 0;
  #endsMessage = false;
  #isFragmented = false;
  #isOver = false;

  /** @param maxBytes the longest message that is allowed */
  constructor(maxBytes: number, sink: FrameSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  /** Takes what was read next. */
  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.#isOver; ) {
      if (this.#left === 0 && this.#headLength === 0 && !this.#isFragmented) at = this.#takeRun(bytes, at);
      if (at < bytes.length) at = this.#passOn(bytes, at);
    }
  }

  /**
   * Takes the frames that are whole messages, up to the first other one. Runs once for each message.
   *
   * @returns where that one begins
   */
  #takeRun(bytes: Uint8Array, start: number): number {
    const bounds = this.#bounds;
    let count = 0;
    let at = start;
    while (count < MAX_RUN && at + LONG_HEADER_BYTES <= bytes.length) {
      const end = messageEnd(bytes, at, this.#maxBytes);
      if (end < 0) break;
      bounds[2 * count] = at + (bytes[at + 1] === LONG ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES);
      bounds[2 * count + 1] = end;
      count++;
      at = end;
    }
    if (count > 0) this.#sink.messages(bytes, bounds, count);
    return at;
  }

  /** Passes on what is there of the present frame. @returns where the next one begins */
  #passOn(bytes: Uint8Array, start: number): number {
    const at = this.#left > 0 ? start : this.#takeHead(bytes, start);
    if (this.#isOver) {
      this.#sink.rest(bytes.subarray(start));
      return bytes.length;
    }
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    const isMessage = this.#left === 0 && this.#headLength === 0 && this.#endsMessage;
    if (!this.#sink.other(bytes.subarray(start, end), isMessage)) {
      this.#isOver = true;
      this.#sink.rest(bytes.subarray(end));
    }
    return end;
  }

  /** @returns where the payload begins, as far as the header is there */
  #takeHead(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && !this.#isOver) {
      this.#head[this.#headLength++] = bytes[at++] as number;
      if (this.#headLength === 2) this.#judge();
      if (this.#headLength === this.#headBytes) break;
    }
    if (this.#headLength === this.#headBytes) this.#begin();
    return at;
  }

  #judge(): void {
    const [first, second] = this.#head as unknown as [number, number];
    this.#isOver = !isFollowed(first, second, this.#isFragmented);
    this.#headBytes = headerBytes(second);
  }

  #begin(): void {
    const first = this.#head[0] as number;
    this.#left = payloadLength(this.#head);
    this.#headLength = 0;
    this.#headBytes = MAX_HEADER_BYTES;
    this.#endsMessage = isFinal(first) && !isControl(first);
    if (!isControl(first)) this.#isFragmented = !isFinal(first);
  }
}

/** Where the frame ends that begins at `at`, when it is a whole message and is there; otherwise -1. Runs once for each message. */
function messageEnd(bytes: Uint8Array, at: number, maxBytes: number): number {
  const first = bytes[at] as number;
  const short = bytes[at + 1] as number;
  if ((first !== FINAL_TEXT && first !== FINAL_BINARY) || short > LONG) return -1;
  const isLong = short === LONG;
  const length = isLong ? ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number) : short;
  const end = at + length + (isLong ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES);
  return end > bytes.length || length > maxBytes ? -1 : end;
}
