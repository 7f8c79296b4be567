import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { type ColumnCodec, literalText } from './cell-encoder.js';

const NUMERIC = 'N';

/**
 * A type that only the server can read: text goes to its input function as it is, numbers only where the type is one
 * (`pg_type.typcategory`). What the function refuses is a dead letter.
 */
export function inputCodec(category: string): ColumnCodec {
  return {
    binary: undefined,
    text: (cells, i) => {
      if (cells.kinds[i] === JSON_KIND.number && category !== NUMERIC) return undefined;
      const text = literalText(cells, i);
      return text?.includes('\0') ? undefined : text;
    },
  };
}
