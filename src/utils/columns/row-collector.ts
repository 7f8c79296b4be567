import { JSON_KIND } from '../json/json-kind.js';
import type { Receipt } from '../rows/batch-content.js';
import type { DecodeSettings } from '../rows/decode-settings.js';
import type { RowCells } from '../rows/row-cells.js';
import { ColumnCells } from './column-cells.js';
import { columnName, REST_COLUMN } from './column-name.js';
import type { ColumnTypes } from './column-table.js';
import { ReceiptRuns } from './receipt-runs.js';
import { RestCells } from './rest-cells.js';

/** What further keys hold goes into `_rest`, so that keys that are data make no table of a million columns. */
const MAX_COLUMNS = 200;

/** Notes where the values of each column stand; nothing is decoded yet. */
export class RowCollector {
  rows = 0;
  /** By name: first the columns that earlier files had, then in the order of the first value. */
  readonly columns = new Map<string, ColumnCells>();
  readonly rest = new RestCells();
  readonly receipts = new ReceiptRuns();
  readonly #renamed: ReadonlyMap<string, string>;
  readonly #metadata: readonly string[];
  /** Per place in the row, the key that was there last and the column it goes to. */
  readonly #keyAt: string[] = [];
  readonly #columnAt: (ColumnCells | undefined)[] = [];

  constructor(decode: DecodeSettings, known: ColumnTypes) {
    this.#renamed = new Map(Object.entries(decode.rename));
    this.#metadata = decode.metadata;
    for (const [name] of known) {
      const isOurs = name === REST_COLUMN || this.#metadata.includes(name);
      if (!isOurs) this.columns.set(name, new ColumnCells());
    }
  }

  /** @param base the place at which the row's content begins, see {@link ColumnCells.add} */
  take(cells: RowCells, base: number, receipt: Receipt | undefined): void {
    const row = this.rows++;
    this.receipts.note(row, receipt);
    for (let i = 0; i < cells.count; i++) {
      if (cells.kinds[i] === JSON_KIND.null) continue;
      const column = this.#columnOf(i, cells.keys[i] as string);
      if (column === undefined || !column.add(row, cells, i, base)) this.#takeRest(row, cells, i);
    }
  }

  #columnOf(i: number, key: string): ColumnCells | undefined {
    if (this.#keyAt[i] === key) return this.#columnAt[i];
    const name = columnName(this.#renamed.get(key) ?? key, this.#metadata);
    let column = this.columns.get(name);
    if (column === undefined && this.columns.size < MAX_COLUMNS) {
      column = new ColumnCells();
      this.columns.set(name, column);
    }
    this.#keyAt[i] = key;
    this.#columnAt[i] = column;
    return column;
  }

  #takeRest(row: number, cells: RowCells, i: number): void {
    const json = cells.bytes.toString('utf8', cells.starts[i], cells.stops[i]);
    this.rest.add(row, cells.keys[i] as string, json);
  }
}
