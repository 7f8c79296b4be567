import { isUtf8 } from 'node:buffer';

const NUL = 0x00;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const INITIAL_BYTES = 64 * 1024;
/** What a JSON document can begin and end with, white space aside. */
const FIRST_BYTES = new Set(Buffer.from('{["-0123456789tfn'));
const LAST_BYTES = new Set(Buffer.from('}]"0123456789el'));

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
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  /** End of each message; the byte there is a space until `take` makes it a newline. */
  #ends: number[] = [];
  readonly #form: MessageForm;

  constructor(form: MessageForm = JSON_MESSAGES) {
    this.#form = form;
  }

  get messages(): number {
    return this.#ends.length;
  }

  get byteLength(): number {
    return this.#length;
  }

  /** Adds what was received at once; its bytes are copied. */
  add(received: Uint8Array): void {
    if (this.#form.framing === 'message') this.#addMessage(received);
    else for (const line of linesOf(received)) this.#addMessage(line);
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
    for (const end of this.#ends) this.#bytes[end] = NEWLINE;
    const messages = this.#ends.length;
    const bytes = this.#detach();
    this.#length = 0;
    this.#ends = [];
    return { bytes, messages };
  }

  #append(message: Uint8Array): void {
    const needed = this.#length + message.length + 1;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.set(message, this.#length);
    this.#bytes[needed - 1] = SPACE;
    this.#ends.push(needed - 1);
    this.#length = needed;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  /** Small parts are copied out, so that a quiet source does not hold a large buffer for each message. */
  #detach(): Buffer {
    if (this.#length < this.#bytes.length / 4) return Buffer.from(this.#bytes.subarray(0, this.#length));
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    return taken;
  }

  /** Some message has a line break or is no UTF-8: looks at each. */
  #rebuild(): void {
    const bytes = this.#bytes;
    const ends = this.#ends;
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(INITIAL_BYTES, this.#length * 2));
    this.#length = 0;
    this.#ends = [];
    let start = 0;
    for (const end of ends) {
      this.#append(asLine(bytes.subarray(start, end)));
      start = end + 1;
    }
  }
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
  const fits = FIRST_BYTES.has(message[first] as number) && LAST_BYTES.has(message[last] as number);
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
