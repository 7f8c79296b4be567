import { SocketElError } from '../errors.js';
import { JSON_KIND, type JsonKind } from './json-kind.js';

/** Deeper documents are refused: neither our stack nor a sink's should depend on what a peer sends. */
export const MAX_JSON_DEPTH = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const LOWER_U = 0x75;
const SIMPLE_ESCAPES = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)));
const LITERALS = {
  t: { bytes: Buffer.from('true'), kind: JSON_KIND.true },
  f: { bytes: Buffer.from('false'), kind: JSON_KIND.false },
  n: { bytes: Buffer.from('null'), kind: JSON_KIND.null },
} as const;

/**
 * Walks JSON text byte by byte without building values: after `value()` the fields `kind`, `start`, `stop` and
 * `escaped` describe what was passed, so that digits and strings can be taken from the bytes as they were received.
 *
 * It accepts what `JSON.parse` accepts (RFC 8259), but for unpaired surrogate escapes and documents deeper than
 * {@link MAX_JSON_DEPTH}. The bytes must be valid UTF-8.
 */
export class JsonScanner {
  bytes: Buffer = Buffer.alloc(0);
  /** The next byte to read. */
  position = 0;
  end = 0;
  /** Of the last value passed: its kind, and the bytes [start, stop) it took, quotes included. */
  kind: JsonKind = JSON_KIND.null;
  start = 0;
  stop = 0;
  /** Whether the last value contained a backslash, in itself or further in. */
  escaped = false;
  #origin = 0;

  /** Sets out to read the document in bytes [from, to). */
  reset(bytes: Buffer, from: number, to: number): void {
    this.bytes = bytes;
    this.position = from;
    this.end = to;
    this.#origin = from;
  }

  /** Passes one value, white space before it included. @throws SocketElError `row.malformed` */
  value(depth = 0): void {
    this.whitespace();
    const start = this.position;
    const byte = this.#peek();
    this.escaped = false;
    if (byte === QUOTE) this.#string();
    else if (byte === OPEN_OBJECT) this.#container(CLOSE_OBJECT, depth);
    else if (byte === OPEN_ARRAY) this.#container(CLOSE_ARRAY, depth);
    else if (byte === MINUS || isDigit(byte)) this.#number();
    else this.#literal(byte);
    this.start = start;
    this.stop = this.position;
  }

  /** Passes white space. */
  whitespace(): void {
    while (this.position < this.end && isWhitespace(this.#peek())) this.position++;
  }

  /** Demands that nothing but white space is left. */
  finish(): void {
    this.whitespace();
    if (this.position < this.end) throw this.#unexpected('the end of the document');
  }

  /** Passes `{` or `[` when it comes next, and says whether it did. */
  open(bracket: '{' | '['): boolean {
    this.whitespace();
    if (this.#peek() !== bracket.charCodeAt(0)) return false;
    this.position++;
    return true;
  }

  /** Inside a container, before each member: passes the comma, or the closing bracket and says false. */
  next(bracket: '}' | ']', first: boolean): boolean {
    this.whitespace();
    const byte = this.#peek();
    if (byte === bracket.charCodeAt(0)) {
      this.position++;
      return false;
    }
    if (first) return true;
    if (byte !== COMMA) throw this.#unexpected(`"," or "${bracket}"`);
    this.position++;
    return true;
  }

  /** Passes a member's key and the colon; `start`, `stop` and `escaped` describe the key, quotes included. */
  key(): void {
    this.whitespace();
    if (this.#peek() !== QUOTE) throw this.#unexpected('a key in double quotes');
    const start = this.position;
    this.escaped = false;
    this.#string();
    this.start = start;
    this.stop = this.position;
    this.whitespace();
    if (this.#peek() !== COLON) throw this.#unexpected('":"');
    this.position++;
  }

  #peek(): number {
    return this.position < this.end ? (this.bytes[this.position] as number) : -1;
  }

  #container(close: number, depth: number): void {
    if (depth >= MAX_JSON_DEPTH) throw malformed(`expected at most ${MAX_JSON_DEPTH} levels, got more`);
    const bracket = close === CLOSE_OBJECT ? '}' : ']';
    this.position++;
    let escaped = false;
    for (let first = true; this.next(bracket, first); first = false) {
      if (close === CLOSE_OBJECT) {
        this.key();
        escaped ||= this.escaped;
      }
      this.value(depth + 1);
      escaped ||= this.escaped;
    }
    this.escaped = escaped;
    this.kind = close === CLOSE_OBJECT ? JSON_KIND.object : JSON_KIND.array;
  }

  #string(): void {
    const bytes = this.bytes;
    let at = this.position + 1;
    for (; at < this.end; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) at = this.#escape(at);
      else if (byte < 0x20) throw this.#unexpected('no control character in a string', at);
    }
    if (at >= this.end) throw this.#unexpected('a closing double quote', this.end);
    this.position = at + 1;
    this.kind = JSON_KIND.string;
  }

  /** @returns the position of the escape's last byte */
  #escape(at: number): number {
    this.escaped = true;
    const byte = at + 1 < this.end ? (this.bytes[at + 1] as number) : -1;
    if (SIMPLE_ESCAPES.has(byte)) return at + 1;
    if (byte !== LOWER_U) throw this.#unexpected('an escape', at + 1);
    const unit = this.#hex4(at + 2);
    if (isLowSurrogate(unit)) throw this.#unpaired(at);
    if (!isHighSurrogate(unit)) return at + 5;
    const isPair = this.bytes[at + 6] === BACKSLASH && this.bytes[at + 7] === LOWER_U;
    if (!isPair || !isLowSurrogate(this.#hex4(at + 8))) throw this.#unpaired(at);
    return at + 11;
  }

  #hex4(at: number): number {
    let unit = 0;
    for (let i = at; i < at + 4; i++) {
      const digit = i < this.end ? hexDigit(this.bytes[i] as number) : -1;
      if (digit < 0) throw this.#unexpected('four hexadecimal digits', i);
      unit = unit * 16 + digit;
    }
    return unit;
  }

  #number(): void {
    if (this.#peek() === MINUS) this.position++;
    if (this.#peek() === ZERO) this.position++;
    else this.#digits();
    if (this.#peek() === DOT) {
      this.position++;
      this.#digits();
    }
    const exponent = this.#peek() | 0x20;
    if (exponent === 0x65) this.#exponent();
    this.kind = JSON_KIND.number;
  }

  #exponent(): void {
    this.position++;
    const sign = this.#peek();
    if (sign === PLUS || sign === MINUS) this.position++;
    this.#digits();
  }

  #digits(): void {
    if (!isDigit(this.#peek())) throw this.#unexpected('a digit');
    while (isDigit(this.#peek())) this.position++;
  }

  #literal(first: number): void {
    const literal = LITERALS[String.fromCharCode(Math.max(first, 0)) as keyof typeof LITERALS];
    if (literal === undefined) throw this.#unexpected('a JSON value');
    for (const byte of literal.bytes) {
      if (this.#peek() !== byte) throw this.#unexpected(`"${literal.bytes.toString()}"`);
      this.position++;
    }
    this.kind = literal.kind;
  }

  #unpaired(at: number): SocketElError {
    return malformed(`expected well-formed text, got an unpaired surrogate at byte ${at - this.#origin}`);
  }

  #unexpected(expected: string, at = this.position): SocketElError {
    const byte = at < this.end ? (this.bytes[at] as number) : -1;
    return malformed(`expected ${expected} at byte ${at - this.#origin}, got ${describeByte(byte)}`);
  }
}

/** The error that makes a message or row a dead letter. */
export function malformed(message: string): SocketElError {
  return new SocketElError({ code: 'row.malformed', message });
}

function describeByte(byte: number): string {
  if (byte < 0) return 'the end';
  return byte > 0x20 && byte < 0x7f
    ? `"${String.fromCharCode(byte)}"`
    : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isWhitespace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - ZERO;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
