import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { type CellEncoder, literalText } from './cell-encoder.js';

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** uuid, for text of 32 hexadecimal digits with or without hyphens (RFC 9562, section 4). */
export const encodeUuid: CellEncoder = (out, cells, i) => {
  const text = cells.kinds[i] === JSON_KIND.string ? literalText(cells, i) : undefined;
  if (text === undefined || !UUID.test(text)) return false;
  out.putInt32(16);
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  out.putBytes(bytes, 0, bytes.length);
  return true;
};
