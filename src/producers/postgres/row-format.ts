import { putArrayHeader } from './encode/array.js';
import type { CellEncoder, Cells, CellText, ColumnCodec } from './encode/cell-encoder.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import { putTimestamptz, utcText } from './encode/instant.js';

const TAB = 0x09;
const NEWLINE = 0x0a;
const ESCAPED = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
/** `bytea` in pg_type.dat of PostgreSQL. */
const BYTEA_OID = 17;
const JSONB_VERSION = '\u0001';

/** How rows stand in the bytes of a COPY. Fields are written in the order of its columns. */
export interface RowFormat {
  /** What `COPY … FROM STDIN` must say of it. */
  readonly option: 'binary' | 'text';
  begin(out: CopyBuffer, width: number): void;
  /** @returns false when the value does not fit; what was written until then is undone by the caller */
  cell(out: CopyBuffer, codec: ColumnCodec, cells: Cells, i: number): boolean;
  none(out: CopyBuffer): void;
  /** A timestamptz, microseconds since 1970. */
  instant(out: CopyBuffer, us: number): void;
  integer(out: CopyBuffer, value: number): void;
  json(out: CopyBuffer, text: string): void;
  text(out: CopyBuffer, text: string): void;
  end(out: CopyBuffer): void;
}

/** Tuples of a binary COPY: int16 count of fields, then the fields. */
export const BINARY_FORMAT: RowFormat = {
  option: 'binary',
  begin: (out, width) => out.putInt16(width),
  cell: (out, codec, cells, i) => (codec.binary as CellEncoder)(out, cells, i),
  none: (out) => out.putNull(),
  instant: (out, us) => {
    putTimestamptz(out, BigInt(us));
  },
  integer: (out, value) => {
    out.putInt32(8);
    out.putInt64(BigInt(value));
  },
  json: (out, text) => out.putTextField(`${JSONB_VERSION}${text}`),
  text: (out, text) => out.putTextField(text),
  end: () => {},
};

/** Lines of a text COPY (PostgreSQL manual, "COPY", "Text Format"). */
export const TEXT_FORMAT: RowFormat = {
  ...textFormat((out, text) => {
    out.putText(text.replace(ESCAPED, (character) => ESCAPES[character] as string));
    out.putByte(TAB);
  }),
  option: 'text',
  begin: () => {},
  none: (out) => out.putText('\\N\t'),
  end: (out) => {
    out.bytes[out.length - 1] = NEWLINE;
  },
};

/**
 * Tuples of a binary COPY with one field, a `bytea[]` of the row's values as text: nothing in it can be refused, and it may
 * be larger than a page of the server.
 */
export function createBytesFormat(): RowFormat {
  let array = 0;
  return {
    ...textFormat((out, text) => out.putTextField(text)),
    option: 'binary',
    begin: (out, width) => {
      out.putInt16(1);
      array = out.beginField();
      putArrayHeader(out, { dimensions: [width], hasNulls: true, oid: BYTEA_OID });
    },
    none: (out) => out.putNull(),
    end: (out) => out.endField(array),
  };
}

function textFormat(
  put: (out: CopyBuffer, text: string) => void,
): Pick<RowFormat, 'cell' | 'instant' | 'integer' | 'json' | 'text'> {
  return {
    cell: (out, codec, cells, i) => {
      const text = (codec.text as CellText)(cells, i);
      if (text === undefined) return false;
      put(out, text);
      return true;
    },
    instant: (out, us) => put(out, utcText(BigInt(us), 'Z')),
    integer: (out, value) => put(out, String(value)),
    json: put,
    text: put,
  };
}
