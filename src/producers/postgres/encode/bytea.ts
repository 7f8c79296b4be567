import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { type ColumnCodec, literalText } from './cell-encoder.js';
import { codecOf } from './codec.js';

const HEX = /^(?:[0-9a-f]{2})*$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** How bytes stand in text: `\x` and hexadecimal digits as PostgreSQL writes them, unless `columns:` says otherwise. */
export type BytesEncoding = 'hex' | 'base64';

/** bytea, for text in one encoding; other text is not taken for bytes. */
export function byteaCodec(encoding: BytesEncoding | undefined): ColumnCodec {
  return codecOf(
    (out, cells, i) => {
      const text = cells.kinds[i] === JSON_KIND.string ? literalText(cells, i) : undefined;
      const bytes = text === undefined ? undefined : parseBytes(text, encoding);
      if (bytes === undefined) return false;
      out.putInt32(bytes.length);
      out.putBytes(bytes, 0, bytes.length);
      return true;
    },
    (field) => `\\x${field.toString('hex')}`,
  );
}

function parseBytes(text: string, encoding: BytesEncoding | undefined): Buffer | undefined {
  if (encoding === 'base64') return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
  const hex = text.startsWith('\\x') ? text.slice(2) : encoding === 'hex' ? text : undefined;
  return hex !== undefined && HEX.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}
