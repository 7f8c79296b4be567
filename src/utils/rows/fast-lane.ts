import { JSON_KIND, type JsonKind } from '../json/json-kind.js';
import type { JsonScanner } from '../json/json-scanner.js';
import { MAX_DIGITS, POWERS_OF_TEN } from '../json/short-decimal.js';
import { NO_KEY } from './key-table.js';
import { NOT_SHORT, type RowCells } from './row-cells.js';

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NEWLINE = 0x0a;

/** So many digits an int32 holds. */
const HIGH_DIGITS = 9;

/** The scanner's `end` of a message whose newline was not looked for. */
export const UNKNOWN_END = -1;

/** What `readFast` answers when a row is for the general tokenizer. */
export const NOT_FAST = -1;

/**
 * Reads the row that begins at byte `from` into its cells, in one pass over its bytes: known keys, in the order of the row before
 * or another; strings without escapes; numbers of at most 15 digits. Any other value is the scanner's, and a row with an
 * unknown or repeated key, or with white space but single spaces behind `:` and `,`, the general tokenizer's. Both find
 * the same cells.
 *
 * A newline must follow the message: it ends every loop.
 *
 * @param scanner stands within the same message; its `end` may be unknown
 * @returns the position behind the row's `}`, or `NOT_FAST`
 * @throws SocketElError `row.malformed`, as the general tokenizer would
 */
// hot path: one plain loop over the bytes.
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: hot path
export function readFast(cells: RowCells, scanner: JsonScanner, from: number): number {
  const { bytes } = scanner;
  const { keyTable, successors, stamps } = cells;
  const { froms, tos, words, wordFroms, masks } = keyTable;
  const view = cells.viewOf(bytes);
  const limit = bytes.length - 8;
  const row = cells.nextRow();
  let at = from;
  let previous = 0;
  let count = 0;
  if (bytes[at] !== OPEN_OBJECT) return NOT_FAST;
  for (;;) {
    at++;
    if (bytes[at] === SPACE && count > 0) at++;
    let id = (successors[previous] as number) - 1;
    if (id >= 0) {
      const length = (tos[id] as number) - (froms[id] as number);
      let p = at;
      let w = wordFroms[id] as number;
      // A little behind the key must be there to be looked at.
      const last = at + length - 4 < limit ? w + ((length - 1) >> 2) : -1;
      while (w < last && view.getInt32(p, true) === words[w]) {
        w++;
        p += 4;
      }
      const isSame =
        w === last && ((view.getInt32(p, true) ^ (words[w] as number)) & (masks[id] as number)) === 0;
      if (isSame) at += length;
      else id = NO_KEY;
    }
    if (id < 0) {
      if (bytes[at] !== QUOTE) return NOT_FAST;
      id = keyTable.find(bytes, at);
      if (id < 0) return NOT_FAST;
      at += (tos[id] as number) - (froms[id] as number);
      successors[previous] = id + 1;
    }
    if (stamps[id] === row || bytes[at] !== COLON) return NOT_FAST;
    stamps[id] = row;
    previous = id + 1;
    at++;
    let byte = bytes[at] as number;
    if (byte === SPACE) byte = bytes[++at] as number;
    let start = at;
    let kind: JsonKind | -1 = -1;
    let escaped = 0;
    let scale = NOT_SHORT;
    if (byte === QUOTE) {
      do byte = bytes[++at] as number;
      while (byte > QUOTE ? byte !== BACKSLASH : byte !== QUOTE && byte >= SPACE);
      if (byte === QUOTE) {
        at++;
        kind = JSON_KIND.string;
      }
    } else if ((byte >= ZERO && byte < COLON) || byte === MINUS) {
      if (byte === MINUS) byte = bytes[++at] as number;
      const first = at;
      // Integers, because a chain of sums of doubles takes three times as long.
      let high = 0;
      let low = 0;
      let digits = 0;
      while (byte >= ZERO && byte < COLON) {
        if (digits++ < HIGH_DIGITS) high = (high * 10 + byte - ZERO) | 0;
        else low = (Math.imul(low, 10) + byte - ZERO) | 0;
        byte = bytes[++at] as number;
      }
      const point = at;
      if (byte === DOT) {
        byte = bytes[++at] as number;
        while (byte >= ZERO && byte < COLON) {
          if (digits++ < HIGH_DIGITS) high = (high * 10 + byte - ZERO) | 0;
          else low = (Math.imul(low, 10) + byte - ZERO) | 0;
          byte = bytes[++at] as number;
        }
      }
      const fraction = at > point ? at - point - 1 : 0;
      const isLeadingZero = bytes[first] === ZERO && point > first + 1;
      const isNumber = point > first && !isLeadingZero && (at === point || fraction > 0);
      // What follows decides whether it is one: an exponent is the scanner's.
      if (isNumber && (byte === COMMA || byte === CLOSE_OBJECT)) {
        kind = JSON_KIND.number;
        if (digits <= MAX_DIGITS) {
          scale = fraction;
          const whole =
            digits <= HIGH_DIGITS ? high : high * (POWERS_OF_TEN[digits - HIGH_DIGITS] as number) + low;
          const value = fraction === 0 ? whole : whole / (POWERS_OF_TEN[fraction] as number);
          cells.numbers[count] = first > start ? -value : value;
        }
      }
    }
    if (kind < 0) {
      if (scanner.end === UNKNOWN_END) scanner.end = bytes.indexOf(NEWLINE, start);
      scanner.position = start;
      scanner.value(1);
      ({ kind, start } = scanner);
      at = scanner.stop;
      escaped = scanner.escaped ? 1 : 0;
    }
    if (count === cells.capacity) cells.grow();
    if (cells.keyIds[count] !== id) {
      cells.keyIds[count] = id;
      // Also of a row that is not read to its end.
      cells.keysVersion++;
    }
    cells.kinds[count] = kind as JsonKind;
    cells.starts[count] = start;
    cells.stops[count] = at;
    cells.escaped[count] = escaped;
    cells.scales[count] = scale;
    count++;
    byte = bytes[at] as number;
    if (byte === COMMA) continue;
    if (byte !== CLOSE_OBJECT) return NOT_FAST;
    cells.endFast(bytes, from, at + 1, count);
    return at + 1;
  }
}
