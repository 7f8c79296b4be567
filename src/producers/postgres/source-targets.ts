import type { TableRouter } from '../../utils/rows/table-router.js';
import type { PartEncoder, PartEncoders } from './batch-encoder.js';
import { PartCollector } from './part-collector.js';
import type { Poison } from './poison.js';
import { TableTarget, type TargetPlace } from './table-target.js';

/** What a source's targets are made from. */
export interface TargetsOptions {
  /** The target of what is no table's own. */
  readonly main: string;
  readonly router: TableRouter | undefined;
  /** Every table that rows may go to. */
  readonly tables: readonly string[];
  readonly place: Omit<TargetPlace, 'table'>;
}

/** The tables of one source, and who takes what goes to none of them. */
export class SourceTargets implements PartEncoders {
  readonly main: PartEncoder;
  readonly router: TableRouter | undefined;
  readonly #main: string;
  readonly #targets: ReadonlyMap<string, TableTarget>;
  readonly #others: readonly TableTarget[];

  constructor({ main, router, tables, place }: TargetsOptions) {
    this.router = router;
    this.#main = main;
    this.#targets = new Map(tables.map((table) => [table, new TableTarget({ ...place, table })]));
    this.main = this.#targets.get(main) ?? new NoTable(main);
    this.#others = [...this.#targets.values()].filter((target) => target !== this.main);
  }

  /** The tables and, where it is none of them, the main target. */
  get names(): readonly string[] {
    return [...new Set([this.#main, ...this.tables])];
  }

  get tables(): readonly string[] {
    return [...this.#targets.keys()];
  }

  of(table: string): TableTarget {
    return this.#targets.get(table) as TableTarget;
  }

  others(): readonly TableTarget[] {
    return this.#others;
  }

  /** Begins to encode a group. */
  begin({ isProbe, poison }: { readonly isProbe: boolean; readonly poison: Poison }): void {
    for (const target of this.#targets.values()) target.begin({ isProbe, poison: poison.get(target.table) });
  }

  beginBatch(seq: number): void {
    for (const target of this.#targets.values()) target.beginBatch(seq);
  }

  /** The targets whose rows did not all fit. */
  unsettled(): readonly TableTarget[] {
    return [...this.#targets.values()].filter((target) => !target.isSettled);
  }

  /** The targets by the names of their tables, in one order for every loader, so that no two wait for each other. */
  withPlan(): ReadonlyMap<string, TableTarget> {
    return new Map([...this.#targets].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  withRows(): readonly TableTarget[] {
    return [...this.#targets.values()].filter(({ ordinals }) => ordinals.length > 0);
  }

  refresh(): void {
    for (const target of this.#targets.values()) target.refresh();
  }

  forgetPlans(): void {
    for (const target of this.#targets.values()) target.forgetPlan();
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
