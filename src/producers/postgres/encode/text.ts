import { parseDecimal } from '../../../utils/decimal.js';
import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { stringText } from '../../../utils/json/json-text.js';
import { type CellEncoder, type Cells, plainText } from './cell-encoder.js';
import { fitsNumeric } from './numeric.js';

/** What a number must have, somewhere, to be beyond numeric's range. */
const EXTREME = /[eE][+-]?\d{3}|\d{1000}/;
/** Texts, so that nothing in them is taken for a number, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** text and varchar: a string's characters, and of any other value its JSON as received. */
export const encodeText: CellEncoder = (out, cells, i) => {
  const start = cells.starts[i] as number;
  const stop = cells.stops[i] as number;
  if (cells.kinds[i] !== JSON_KIND.string) {
    out.putInt32(stop - start);
    out.putBytes(cells.bytes, start, stop);
  } else if (cells.escaped[i]) {
    const text = stringText(cells.bytes, start, stop, true);
    if (text.includes('\0')) return false;
    out.putTextField(text);
  } else {
    out.putInt32(stop - start - 2);
    out.putBytes(cells.bytes, start + 1, stop - 1);
  }
  return true;
};

/** The longest text that a column takes, in characters. */
export interface TextLimit {
  readonly characters: number;
  /** Whether the column fills shorter text up with spaces, and so forgets those at its end. */
  readonly isPadded: boolean;
}

/** varchar(n) and char(n): text that PostgreSQL would cut or could not give back as it was does not fit. */
export function limitedText({ characters, isPadded }: TextLimit): CellEncoder {
  return (out, cells, i) => {
    const start = cells.starts[i] as number;
    const stop = cells.stops[i] as number;
    const isSurelyShort = stop - start <= characters && !isPadded;
    if (!isSurelyShort) {
      const text = plainText(cells, i);
      const length = text.length <= characters ? text.length : [...text].length;
      if (length > characters || (isPadded && length < characters && text.endsWith(' '))) return false;
    }
    return encodeText(out, cells, i);
  };
}

/** Text of at most so many bytes, where PostgreSQL would cut what is longer without a word. */
export function shortText(maxBytes: number): CellEncoder {
  return (out, cells, i) => Buffer.byteLength(plainText(cells, i)) <= maxBytes && encodeText(out, cells, i);
}

/** jsonb and json: the value's JSON as received. json is kept as text, so it takes any number. */
export function jsonEncoder(isBinary: boolean): CellEncoder {
  return (out, cells, i) => {
    if (hasNul(cells, i) || (isBinary && !hasNumbersInRange(cells, i))) return false;
    const start = cells.starts[i] as number;
    const stop = cells.stops[i] as number;
    out.putInt32(stop - start + (isBinary ? 1 : 0));
    if (isBinary) out.putByte(1);
    out.putBytes(cells.bytes, start, stop);
    return true;
  };
}

/** Whether PostgreSQL's jsonb can hold a value: no character U+0000, which only an escape brings, and no number beyond its numeric. */
export function isJsonbSafe(cells: Cells, i: number): boolean {
  return !hasNul(cells, i) && hasNumbersInRange(cells, i);
}

function hasNul(cells: Cells, i: number): boolean {
  if (!cells.escaped[i]) return false;
  return rawLatin1(cells, i).replaceAll('\\\\', '').includes('\\u0000');
}

function hasNumbersInRange(cells: Cells, i: number): boolean {
  const kind = cells.kinds[i];
  if (kind !== JSON_KIND.number && kind !== JSON_KIND.object && kind !== JSON_KIND.array) return true;
  const raw = rawLatin1(cells, i);
  if (!EXTREME.test(raw)) return true;
  return (raw.match(TOKENS) ?? []).every((token) => {
    const decimal = token.startsWith('"') ? undefined : parseDecimal(token);
    return decimal === undefined || fitsNumeric(decimal);
  });
}

function rawLatin1(cells: Cells, i: number): string {
  return cells.bytes.toString('latin1', cells.starts[i], cells.stops[i]);
}
