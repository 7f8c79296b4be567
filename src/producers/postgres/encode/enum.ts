import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { type ColumnCodec, literalText } from './cell-encoder.js';
import { codecOf } from './codec.js';
import { encodeText } from './text.js';

/** An enum type, for text that is one of its labels. */
export function enumCodec(labels: readonly string[]): ColumnCodec {
  const known = new Set(labels);
  return codecOf((out, cells, i) => {
    const text = cells.kinds[i] === JSON_KIND.string ? literalText(cells, i) : undefined;
    return text !== undefined && known.has(text) && encodeText(out, cells, i);
  });
}
