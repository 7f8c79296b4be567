import type { TableRouter } from '../../utils/rows/table-router.js';
import type { PartEncoder, PartEncoders } from './batch-encoder.js';
import { PartCollector } from './part-collector.js';
import type { TableEncoding } from './table-encoding.js';

/** The rows of one group, by table. */
export class GroupEncoding implements PartEncoders {
  readonly main: PartEncoder;
  readonly router: TableRouter | undefined;
  /** By the names of the tables, in one order for every loader, so that no two wait for each other. */
  readonly tables: ReadonlyMap<string, TableEncoding>;
  readonly #others: readonly TableEncoding[];

  /** @param main the target of what is no table's own */
  constructor(tables: readonly TableEncoding[], main: string, router: TableRouter | undefined) {
    const byName = tables.map((encoding) => [encoding.target.table, encoding] as const);
    this.tables = new Map(byName.sort(([a], [b]) => (a < b ? -1 : 1)));
    this.router = router;
    this.main = this.tables.get(main) ?? new NoTable(main);
    this.#others = tables.filter((encoding) => encoding !== this.main);
  }

  of(table: string): TableEncoding {
    return this.tables.get(table) as TableEncoding;
  }

  others(): readonly TableEncoding[] {
    return this.#others;
  }

  beginBatch(seq: number): void {
    for (const encoding of this.tables.values()) encoding.beginBatch(seq);
  }

  /** The tables whose rows did not all fit. */
  unsettled(): readonly TableEncoding[] {
    return [...this.tables.values()].filter(({ isSettled }) => !isSettled);
  }

  get isFutile(): boolean {
    const unsettled = this.unsettled();
    return unsettled.length > 0 && unsettled.every(({ misfits }) => misfits?.isOnlyActivation === true);
  }

  /** Of a probe, the tables that have rows. */
  withRows(): readonly TableEncoding[] {
    return [...this.tables.values()].filter(({ ordinals }) => ordinals.length > 0);
  }

  /** Whether a table has another plan by now. */
  get isStale(): boolean {
    return [...this.tables.values()].some(({ isStale }) => isStale);
  }

  /** Gives the buffers back; the rows are gone then. */
  release(): void {
    for (const encoding of this.tables.values()) encoding.release();
  }
}

/** Takes the dead letters that are no table's. */
class NoTable implements PartEncoder {
  readonly #collector: PartCollector;

  constructor(name: string) {
    this.#collector = new PartCollector(name);
  }

  row(): never {
    throw new TypeError('expected rows to go to tables');
  }

  rows(): never {
    throw new TypeError('expected rows to go to tables');
  }

  get hasReceipts(): boolean {
    return false;
  }

  note(verdict: Parameters<PartEncoder['note']>[0]): void {
    this.#collector.count(verdict);
  }

  setAside(letter: Parameters<PartEncoder['setAside']>[0]): void {
    this.#collector.setAside(letter);
  }

  end(...[batch, isNeeded]: Parameters<PartEncoder['end']>) {
    return this.#collector.end(batch, 0, isNeeded);
  }
}
