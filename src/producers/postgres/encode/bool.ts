import { JSON_KIND } from '../../../utils/json/json-kind.js';
import type { CellEncoder } from './cell-encoder.js';

/** bool, for true and false. */
export const encodeBool: CellEncoder = (out, cells, i) => {
  const kind = cells.kinds[i];
  if (kind !== JSON_KIND.true && kind !== JSON_KIND.false) return false;
  out.putInt32(1);
  out.putByte(kind === JSON_KIND.true ? 1 : 0);
  return true;
};
