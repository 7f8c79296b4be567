import type { TableRouter } from '../../utils/rows/table-router.js';
import { GroupEncoding } from './group-encoding.js';
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

/** The tables of one source. */
export class SourceTargets {
  readonly #main: string;
  readonly #router: TableRouter | undefined;
  readonly #targets: ReadonlyMap<string, TableTarget>;

  constructor({ main, router, tables, place }: TargetsOptions) {
    this.#main = main;
    this.#router = router;
    this.#targets = new Map(tables.map((table) => [table, new TableTarget({ ...place, table })]));
  }

  /** The tables and, where it is none of them, the main target. */
  get names(): readonly string[] {
    return [...new Set([this.#main, ...this.tables])];
  }

  get tables(): readonly string[] {
    return [...this.#targets.keys()];
  }

  all(): readonly TableTarget[] {
    return [...this.#targets.values()];
  }

  /** Begins to encode a group of so many bytes by the present plans. */
  begin(
    { isProbe, poison }: { readonly isProbe: boolean; readonly poison: Poison },
    byteLength: number,
  ): GroupEncoding {
    // Of several tables nobody knows which gets how much.
    const expected = this.#targets.size === 1 ? byteLength : 0;
    const encodings = this.all().map((target) =>
      target.begin({ isProbe, poison: poison.get(target.table) }, expected),
    );
    return new GroupEncoding(encodings, this.#main, this.#router);
  }

  refresh(): void {
    for (const target of this.#targets.values()) target.refresh();
  }

  forgetPlans(): void {
    for (const target of this.#targets.values()) target.forgetPlan();
  }
}
