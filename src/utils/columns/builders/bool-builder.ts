import { JSON_KIND } from '../../json/json-kind.js';
import type { ColumnBuilder } from './column-builder.js';

/** For true and false. */
export function createBoolBuilder(rows: number): ColumnBuilder {
  const values = new Uint8Array(rows);
  return {
    type: 'bool',
    values,
    put: (row, { kind }) => {
      if (kind === JSON_KIND.true) values[row] = 1;
      return kind === JSON_KIND.true || kind === JSON_KIND.false;
    },
  };
}
