/**
 * Rows of JSON to rows of a binary COPY, in WebAssembly (AssemblyScript): for rows that all have the keys of a template, in
 * its order, and values of the commonest forms. It stops before the first row of any other kind; copy-kernel.ts says
 * what is expected, and what it stopped at is for the lanes that know all of JSON.
 */

import {
  BOOL,
  CELLS,
  COLUMNS,
  FLOAT8,
  INT4,
  INT8,
  KEYS,
  NULLABLE,
  NUMERIC,
  NUMERICS,
  OUTPUT,
  RESULT,
  SLACK,
  SUFFIX,
  TASK,
  TEXT,
} from './layout';

export * from './layout';

const SPACE: u8 = 0x20;
const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const DOT: u8 = 0x2e;
const ZERO: u8 = 0x30;
const BACKSLASH: u8 = 0x5c;
const OPEN_OBJECT: u8 = 0x7b;
const CLOSE_OBJECT: u8 = 0x7d;
const NEWLINE: u8 = 0x0a;

/** `null`, `true` and `fals` as they are loaded from memory. */
const NULL_WORD: u32 = 0x6c6c756e;
const TRUE_WORD: u32 = 0x65757274;
const FALS_WORD: u32 = 0x736c6166;

/** A field's length of NULL. */
const NONE: u32 = 0xffffffff;

/** Up to here doubles hold every integer, and one division by a power of ten is rounded once. */
const FLOAT_DIGITS: i32 = 15;
/** Up to here an i64 holds every integer. */
const INTEGER_DIGITS: i32 = 18;
/** A numeric's digits are of base 10,000: so many decimals each. */
const GROUP: i32 = 4;
const BASE: i64 = 10_000;
const NEGATIVE: u16 = 0x4000;
const INT4_MAX: i64 = 0x7fffffff;
const INT2_MAX: i64 = 0x7fff;

const POWERS_OF_TEN = memory.data<f64>([
  1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]);

/** Of the present row. */
let textBytes: u32 = 0;
/** The digits of the present number. */
let value: i64 = 0;
/** The power of 10,000 that the present number's first digit of that base stands for. */
let topGroup: i32 = 0;

/**
 * Takes the rows that begin in [from, to), each a line.
 *
 * @param end of the lines
 * @returns where the first row begins that was not taken
 */
export function copyRows(from: u32, to: u32, end: u32): u32 {
  const keys = load<u32>(TASK);
  // A number has the most fixed bytes.
  const fixed = 2 + 12 * load<u32>(TASK + 4) + load<u32>(TASK + 12) + SLACK;
  const limit = load<u32>(OUTPUT + 4);
  let at = from;
  let out = load<u32>(OUTPUT);
  let rows: u32 = 0;
  let isFull: u32 = 0;
  while (at < to) {
    textBytes = 0;
    const next = scanRow(at, keys);
    // What lies behind the end is not of these lines.
    if (next === 0 || next > end) break;
    if (out + fixed + textBytes > limit) {
      isFull = 1;
      break;
    }
    out = putRow(out);
    at = next;
    rows++;
  }
  store<u32>(RESULT, rows);
  store<u32>(RESULT + 4, out);
  store<u32>(RESULT + 8, isFull);
  return at;
}

/** Finds the cells of a row. @returns where the next row begins; 0 when this one is of another kind */
function scanRow(from: u32, keys: u32): u32 {
  if (load<u8>(from) !== OPEN_OBJECT) return 0;
  let at = scanMember(from + 1, 0);
  for (let key: u32 = 1; key < keys && at !== 0; key++) {
    if (load<u8>(at) !== COMMA) return 0;
    at = scanMember(load<u8>(at + 1) === SPACE ? at + 2 : at + 1, key);
  }
  const isEnd = at !== 0 && load<u8>(at) === CLOSE_OBJECT && load<u8>(at + 1) === NEWLINE;
  return isEnd ? at + 2 : 0;
}

function scanMember(from: u32, key: u32): u32 {
  const entry = KEYS + key * 16;
  const at = scanKey(from, load<u32>(entry), load<u32>(entry + 4));
  return at === 0 ? 0 : scanValue(at, CELLS + key * 16, load<u32>(entry + 8));
}

/** Compares a key, its colon included, in words of eight bytes. */
function scanKey(at: u32, expected: u32, length: u32): u32 {
  const behind = at + length;
  let left = length;
  while (left >= 8) {
    if (load<u64>(at) !== load<u64>(expected)) return 0;
    at += 8;
    expected += 8;
    left -= 8;
  }
  if (left > 0) {
    const mask = ((<u64>1) << (<u64>(left * 8))) - 1;
    if ((load<u64>(at) & mask) !== load<u64>(expected)) return 0;
  }
  return load<u8>(behind) === SPACE ? behind + 1 : behind;
}

/** A cell is its field's length as the output has it, then the field's bytes, or the address of a text. */
function scanValue(at: u32, cell: u32, code: u32): u32 {
  const first = load<u8>(at);
  const type = code & 7;
  if (first === QUOTE) {
    if (type === TEXT) return scanText(at + 1, cell);
    return type === NUMERIC ? scanQuotedNumeric(at + 1, cell) : 0;
  }
  if (load<u32>(at) === NULL_WORD) {
    if ((code & NULLABLE) === 0) return 0;
    store<u32>(cell, NONE);
    return at + 4;
  }
  if (type === TEXT) return 0;
  if (type === BOOL) return scanBool(at, cell);
  return scanNumber(at, cell, type);
}

/** Text without escapes, from behind its quote. */
function scanText(from: u32, cell: u32): u32 {
  const quotes = i8x16.splat(QUOTE);
  const backslashes = i8x16.splat(BACKSLASH);
  const spaces = i8x16.splat(SPACE);
  let at = from;
  let stops: i32 = 0;
  for (;;) {
    const block = v128.load(at);
    const special = v128.or(i8x16.eq(block, quotes), i8x16.eq(block, backslashes));
    stops = i8x16.bitmask(v128.or(special, i8x16.lt_u(block, spaces)));
    if (stops !== 0) break;
    at += 16;
  }
  at += ctz(stops);
  if (load<u8>(at) !== QUOTE) return 0;
  const length = at - from;
  textBytes += length;
  store<u32>(cell, length);
  store<u32>(cell + 4, from);
  return at + 1;
}

function scanBool(at: u32, cell: u32): u32 {
  const word = load<u32>(at);
  const isTrue = word === TRUE_WORD;
  if (!isTrue && (word !== FALS_WORD || load<u8>(at + 4) !== 0x65)) return 0;
  store<u32>(cell, 1);
  store<u8>(cell + 8, isTrue ? 1 : 0);
  return at + (isTrue ? 4 : 5);
}

/** A number in quotes that comes back from the server as it is. */
function scanQuotedNumeric(from: u32, cell: u32): u32 {
  const at = scanNumber(from, cell, NUMERIC);
  return at !== 0 && load<u8>(at) === QUOTE ? at + 1 : 0;
}

/** What follows a number is looked at by the caller, so one with an exponent is none. */
function scanNumber(from: u32, cell: u32, type: u32): u32 {
  const isNegative = load<u8>(from) === MINUS;
  const first = isNegative ? from + 1 : from;
  value = 0;
  let at = scanDigits(first);
  let digits = <i32>(at - first);
  if (digits === 0 || (digits > 1 && load<u8>(first) === ZERO)) return 0;
  let scale: i32 = 0;
  if (load<u8>(at) === DOT) {
    const point = at + 1;
    at = scanDigits(point);
    scale = <i32>(at - point);
    if (scale === 0) return 0;
    digits += scale;
  }
  return putNumber(cell, type, isNegative ? -digits : digits, scale) ? at : 0;
}

/** @param signed how many digits there are, below 0 for a negative number */
function putNumber(cell: u32, type: u32, signed: i32, scale: i32): bool {
  const isNegative = signed < 0;
  const digits = abs(signed);
  if (type === FLOAT8) return putFloat(cell, isNegative, digits, scale);
  if (type === NUMERIC) return putNumeric(cell, isNegative, digits, scale);
  return scale === 0 && putInteger(cell, isNegative, digits, type);
}

/** Goes on with `value`. @returns the position behind the last digit */
function scanDigits(from: u32): u32 {
  let at = from;
  let sum = value;
  let digit: u32 = <u32>load<u8>(at) - ZERO;
  while (digit < 10) {
    sum = sum * 10 + digit;
    digit = <u32>load<u8>(++at) - ZERO;
  }
  value = sum;
  return at;
}

function putFloat(cell: u32, isNegative: bool, digits: i32, scale: i32): bool {
  if (digits > FLOAT_DIGITS) return false;
  const magnitude = <f64>value / load<f64>(POWERS_OF_TEN + scale * 8);
  store<u32>(cell, 8);
  store<u64>(cell + 8, bswap(reinterpret<u64>(isNegative ? -magnitude : magnitude)));
  return true;
}

/** See encode/numeric.ts. A zero with a sign, which the server knows none of, is for the other lanes. */
function putNumeric(cell: u32, isNegative: bool, digits: i32, scale: i32): bool {
  if (digits > FLOAT_DIGITS || (isNegative && value === 0)) return false;
  const at = NUMERICS + (cell - CELLS) * 2;
  const below = (GROUP - (scale % GROUP)) % GROUP;
  const groups = putGroups(at + 8, value * <i64>load<f64>(POWERS_OF_TEN + below * 8));
  store<u16>(at, bswap(<u16>groups));
  store<u16>(at + 2, value === 0 ? 0 : bswap(<u16>(topGroup - (scale + below) / GROUP)));
  store<u16>(at + 4, isNegative ? bswap(NEGATIVE) : 0);
  store<u16>(at + 6, bswap(<u16>scale));
  const length = 8 + 2 * groups;
  textBytes += length;
  store<u32>(cell, length);
  store<u32>(cell + 4, at);
  return true;
}

/** Writes digits of base 10,000 without zeros at the end. @returns how many; `topGroup` is the first one's power */
function putGroups(at: u32, number: i64): u32 {
  let zeros: i32 = 0;
  for (; number !== 0 && number % BASE === 0; number /= BASE) zeros++;
  let groups: u32 = 0;
  for (let rest = number; rest !== 0; rest /= BASE) groups++;
  topGroup = zeros + <i32>groups - 1;
  for (let i = groups; i > 0; number /= BASE) store<u16>(at + 2 * --i, bswap(<u16>(number % BASE)));
  return groups;
}

function putInteger(cell: u32, isNegative: bool, digits: i32, type: u32): bool {
  if (digits > INTEGER_DIGITS) return false;
  const integer = isNegative ? -value : value;
  if (type === INT8) {
    store<u32>(cell, 8);
    store<u64>(cell + 8, bswap(<u64>integer));
  } else if (type === INT4) {
    if (value > INT4_MAX) return false;
    store<u32>(cell, 4);
    store<u32>(cell + 8, bswap(<u32>integer));
  } else {
    if (value > INT2_MAX) return false;
    store<u32>(cell, 2);
    store<u16>(cell + 8, bswap(<u16>integer));
  }
  return true;
}

/** Writes the row whose cells were found. */
function putRow(from: u32): u32 {
  const columns = load<u32>(TASK + 4);
  const suffix = load<u32>(TASK + 12);
  store<u16>(from, <u16>load<u32>(TASK + 8));
  let out = from + 2;
  for (let column: u32 = 0; column < columns; column++) {
    const key = load<i32>(COLUMNS + column * 4);
    const cell = CELLS + key * 16;
    const length = key < 0 ? NONE : load<u32>(cell);
    store<u32>(out, bswap(length));
    out += 4;
    if (length === NONE) continue;
    const type = load<u32>(KEYS + key * 16 + 8) & 7;
    if (type === TEXT || type === NUMERIC) copyBlocks(out, load<u32>(cell + 4), length);
    else store<u64>(out, load<u64>(cell + 8));
    out += length;
  }
  if (suffix > 0) memory.copy(out, SUFFIX, suffix);
  return out + suffix;
}

function copyBlocks(to: u32, from: u32, length: u32): void {
  for (let done: u32 = 0; done < length; done += 16) v128.store(to + done, v128.load(from + done));
}
