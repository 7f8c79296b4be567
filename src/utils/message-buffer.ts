import { isUtf8 } from 'node:buffer';

const NUL = 0x00;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DEFAULT_CAPACITY = 64 * 1024;
/** So much memory is kept for what comes later, about what a stage has in flight: new memory would set off the garbage collector. */
const MAX_SPARE_BYTES = 12 * 1024 * 1024;
const INITIAL_MESSAGES = 1024;
/** What a JSON document can begin and end with, white space aside. */
const FIRST_BYTES = tableOf('{["-0123456789tfn');
const LAST_BYTES = tableOf('}]"0123456789el');

/**
 * The form in which what cannot be a JSON document is kept: `{"_raw":"<base64>","_why":"<reason>"}`, with
 * `_messages` when it stands for another number than one. A message that begins so by itself gets a space in front, so that only ours begin a line with it.
 */
export const RAW_PREFIX = '{"_raw":"';

const RAW_PREFIX_BYTES = Buffer.from(RAW_PREFIX);

/** What is received: how it is divided into messages, and what they are. */
export interface MessageForm {
  readonly framing: 'message' | 'lines';
  readonly decode: 'json' | 'text';
}

const JSON_MESSAGES: MessageForm = { framing: 'message', decode: 'json' };

/**
 * Gathers messages as lines, at the cost of one copy a message. Nothing is dropped: what cannot be a JSON document
 * is kept in the form of {@link RAW_PREFIX}, and becomes a dead letter when it is decoded.
 */
export class MessageBuffer {
  #bytes: Buffer;
  #length = 0;
  /** End of each message; the byte there is a space until `take` makes it a newline. */
  #ends = new Int32Array(INITIAL_MESSAGES);
  #messages = 0;
  readonly #spare: Buffer[] = [];
  readonly #form: MessageForm;
  readonly #capacity: number;

  /** @param capacity bytes that are usually taken at once */
  constructor(form: MessageForm = JSON_MESSAGES, capacity: number = DEFAULT_CAPACITY) {
    this.#form = form;
    this.#capacity = capacity;
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get messages(): number {
    return this.#messages;
  }

  get byteLength(): number {
    return this.#length;
  }

  /** Adds what was received at once; its bytes are copied. */
  add(received: Uint8Array): void {
    if (this.#form.framing === 'message') this.#addMessage(received);
    else for (const line of linesOf(received)) this.#addMessage(line);
  }

  /**
   * Adds what was received at once `count` times, of which number i is [bounds[2i], bounds[2i + 1]) of `read`. They are
   * in order, and at least a byte is between one and the next.
   */
  addAll(read: Uint8Array, bounds: Int32Array, count: number): void {
    const isAsItIs = this.#form.framing === 'message' && this.#form.decode === 'json';
    for (let i = 0; i < count; i++) {
      const end = isAsItIs ? plainUntil(read, bounds, [i, count]) : i;
      if (end > i) this.#appendRun(read, bounds.subarray(2 * i, 2 * end));
      if (end < count) this.add(read.subarray(bounds[2 * end], bounds[2 * end + 1]));
      i = end;
    }
  }

  /** Text is kept as a JSON string. */
  #addMessage(message: Uint8Array): void {
    const isText = this.#form.decode === 'text' && isUtf8(message);
    this.#addJson(isText ? Buffer.from(JSON.stringify(Buffer.from(message).toString())) : message);
  }

  #addJson(message: Uint8Array): void {
    const why = whyNotJson(message);
    if (why !== undefined) this.#append(rawLine(message, why));
    else if (hasRawPrefix(message)) this.#append(behindSpace(message));
    else this.#append(message);
  }

  /** The messages as lines, each ended by a newline; empties the buffer. */
  take(): { readonly bytes: Buffer; readonly messages: number } {
    const taken = this.#bytes.subarray(0, this.#length);
    const isPlain =
      !taken.includes(NEWLINE) && !taken.includes(RETURN) && !taken.includes(NUL) && isUtf8(taken);
    if (!isPlain) this.#rebuild();
    const messages = this.#messages;
    for (let i = 0; i < messages; i++) this.#bytes[this.#ends[i] as number] = NEWLINE;
    const bytes = this.#detach();
    this.#length = 0;
    this.#messages = 0;
    return { bytes, messages };
  }

  /** Takes back what `take` gave, for what comes later; nobody may read it any more. */
  reuse(bytes: Buffer): void {
    const isWhole = bytes.byteOffset === 0 && bytes.buffer.byteLength === this.#capacity;
    const isWanted = (this.#spare.length + 1) * this.#capacity <= MAX_SPARE_BYTES;
    if (isWhole && isWanted) this.#spare.push(Buffer.from(bytes.buffer));
  }

  #append(message: Uint8Array): void {
    const needed = this.#length + message.length + 1;
    this.#reserve(needed, this.#messages + 1);
    this.#bytes.set(message, this.#length);
    this.#bytes[needed - 1] = SPACE;
    this.#ends[this.#messages++] = needed - 1;
    this.#length = needed;
  }

  /**
   * Copies a run at once and then moves its messages together: a copy for each would need an object for each. It
   * runs once for each message.
   */
  #appendRun(read: Uint8Array, bounds: Int32Array): void {
    const start = bounds[0] as number;
    const stop = bounds[bounds.length - 1] as number;
    this.#reserve(this.#length + stop - start + 1, this.#messages + bounds.length / 2);
    const bytes = this.#bytes;
    const shift = this.#length - start;
    bytes.set(read.subarray(start, stop), this.#length);
    let at = this.#length;
    for (let i = 0; i < bounds.length; i += 2) {
      const from = bounds[i] as number;
      const to = bounds[i + 1] as number;
      bytes.copyWithin(at, from + shift, to + shift);
      at += to - from;
      bytes[at] = SPACE;
      this.#ends[this.#messages++] = at++;
    }
    this.#length = at;
  }

  #reserve(bytes: number, messages: number): void {
    if (bytes > this.#bytes.length) this.#grow(bytes);
    if (messages <= this.#ends.length) return;
    const larger = new Int32Array(Math.max(messages, this.#ends.length * 2));
    larger.set(this.#ends);
    this.#ends = larger;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  /** Small parts are copied out, so that a quiet source does not hold a large buffer for each message, nor spare ones. */
  #detach(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    if (this.#length < this.#bytes.length / 4) {
      this.#spare.pop();
      return Buffer.from(taken);
    }
    this.#bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#capacity);
    return taken;
  }

  /** Some message has a line break or is no UTF-8: looks at each. */
  #rebuild(): void {
    const bytes = this.#bytes;
    const ends = this.#ends.slice(0, this.#messages);
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(this.#capacity, this.#length * 2));
    this.#length = 0;
    this.#messages = 0;
    let start = 0;
    for (const end of ends) {
      this.#append(asLine(bytes.subarray(start, end)));
      start = end + 1;
    }
  }
}

/**
 * Where, from number `first` up to `end`, the first message is that is not plainly one to be kept as it is; a closer
 * look may find that it is all the same. Runs once for each message.
 */
function plainUntil(read: Uint8Array, bounds: Int32Array, [first, end]: readonly [number, number]): number {
  for (let i = first; i < end; i++) {
    const from = bounds[2 * i] as number;
    const to = bounds[2 * i + 1] as number;
    if (to === from || FIRST_BYTES[read[from] as number] === 0) return i;
    if (LAST_BYTES[read[to - 1] as number] === 0) return i;
    if (read[from + 2] === RAW_PREFIX_BYTES[2] && read[from + 3] === RAW_PREFIX_BYTES[3]) return i;
  }
  return end;
}

/** For each byte whether it is one of `characters`. */
function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) table[byte] = 1;
  return table;
}

/** An empty line is no message. */
function* linesOf(received: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < received.length; ) {
    const newline = received.indexOf(NEWLINE, from);
    const to = newline < 0 ? received.length : newline;
    const end = to > from && received[to - 1] === RETURN ? to - 1 : to;
    if (end > from) yield received.subarray(from, end);
    from = to + 1;
  }
}

function asLine(message: Buffer): Uint8Array {
  if (!isUtf8(message)) return rawLine(message, 'expected UTF-8, got other bytes');
  // Zeros in a segment are bytes that never reached the disk, so no message may have one.
  if (message.includes(NUL)) return rawLine(message, 'expected no NUL in a message, got one');
  if (hasLineBreakInString(message))
    return rawLine(message, 'expected no control character in a string, got a line break');
  for (let i = 0; i < message.length; i++)
    if (message[i] === NEWLINE || message[i] === RETURN) message[i] = SPACE;
  return message;
}

function hasLineBreakInString(message: Buffer): boolean {
  let inString = false;
  for (let i = 0; i < message.length; i++) {
    const byte = message[i];
    if (byte === BACKSLASH && inString) i++;
    else if (byte === QUOTE) inString = !inString;
    else if (inString && (byte === NEWLINE || byte === RETURN)) return true;
  }
  return false;
}

function whyNotJson(message: Uint8Array): string | undefined {
  let first = 0;
  let last = message.length - 1;
  while (first <= last && isBlank(message[first] as number)) first++;
  while (last > first && isBlank(message[last] as number)) last--;
  if (first > last) return 'expected a JSON document, got nothing';
  const fits = FIRST_BYTES[message[first] as number] === 1 && LAST_BYTES[message[last] as number] === 1;
  return fits ? undefined : 'expected a JSON document, got something that does not begin and end like one';
}

function behindSpace(message: Uint8Array): Uint8Array {
  const copy = Buffer.from(message);
  const line = asLine(copy);
  return line === copy ? Buffer.concat([Buffer.from(' '), copy]) : line;
}

function hasRawPrefix(message: Uint8Array): boolean {
  return message[2] === RAW_PREFIX_BYTES[2] && RAW_PREFIX_BYTES.every((byte, i) => message[i] === byte);
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === 0x09;
}

/**
 * What cannot be a JSON document in the form in which it is kept, without a line break.
 *
 * @param messages so many messages are in it that cannot be told apart
 */
export function rawLine(message: Uint8Array, why: string, messages = 1): Buffer {
  const raw = Buffer.from(message.buffer, message.byteOffset, message.length).toString('base64');
  const count = messages === 1 ? '' : `,"_messages":${messages}`;
  return Buffer.from(`${RAW_PREFIX}${raw}","_why":${JSON.stringify(why)}${count}}`);
}
