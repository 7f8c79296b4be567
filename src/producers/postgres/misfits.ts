import { JSON_KIND } from '../../utils/json/json-kind.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import { DISCARDED, type RowVerdict } from '../../utils/rows/visit-batch.js';
import { Observation } from './infer.js';
import type { PlannedColumn, TablePlan } from './table-plan.js';

/** By their names in statements; a domain over one has a name, and conditions, of its own. */
const WIDENED = new Set(['smallint', 'integer', 'bigint', 'double precision', 'int8', 'float8']);

/** What becomes of a value without a place: it goes into `_rest`, or is left out, or decides on its row. */
export type Placement = 'rest' | 'left_out' | { readonly row: RowVerdict };

/** What rows asked for and their plan did not have; the next plan is made so that they fit. */
export class Misfits {
  /** Columns that the table does not have yet. */
  readonly created = new Map<string, Observation>();
  /** Columns that the table has and that were not needed until now. */
  readonly activated = new Set<string>();
  /** Number columns whose type is too narrow. */
  readonly widened = new Set<string>();
  needsRest = false;
  /** Whether a row has no key for a column with a default, and others have. */
  needsDefaults = false;
  readonly #plan: TablePlan;
  readonly #narrow: ReadonlySet<string>;
  readonly #mayChange: boolean;

  /** @param narrow columns that must not be widened */
  constructor(plan: TablePlan, narrow: ReadonlySet<string>) {
    this.#plan = plan;
    this.#narrow = narrow;
    // What discards also makes a table that is not there.
    this.#mayChange = plan.policy.contract === 'evolve' || plan.catalogue === undefined;
  }

  get isEmpty(): boolean {
    return (
      !this.needsRest &&
      !this.needsDefaults &&
      this.created.size + this.activated.size + this.widened.size === 0
    );
  }

  /** Whether all that is asked for are columns that the table has: then further rows need not be looked at. */
  get isOnlyActivation(): boolean {
    return this.activated.size > 0 && !this.needsRest && this.created.size + this.widened.size === 0;
  }

  /** Whether the table gets no more columns. */
  get #isFull(): boolean {
    const { catalogue, policy, hasRest } = this.#plan;
    return hasRest && catalogue !== undefined && catalogue.columns.size >= policy.maxColumns;
  }

  /** Takes in cell `i`, whose column is not in the plan. */
  take(column: string, cells: RowCells, i: number): Placement {
    const isThere = this.#plan.catalogue?.columns.has(column) === true;
    if (this.#plan.restKeys.has(column)) return this.#withoutPlace(column, isThere);
    if (isThere) this.activated.add(column);
    else if (this.#mayChange && !this.#isFull) this.#observe(column, cells, i);
    else return this.#withoutPlace(column, false);
    return 'left_out';
  }

  /** Takes in cell `i`, which its column's type does not hold. */
  takeUnfit(column: PlannedColumn, cells: RowCells, i: number): Placement {
    const isNumber = cells.kinds[i] === JSON_KIND.number;
    const isWidened = isNumber && WIDENED.has(column.typeName) && !this.#narrow.has(column.name);
    if (!this.#mayChange || !isWidened) return this.#withoutPlace(column.name, true);
    this.widened.add(column.name);
    return 'left_out';
  }

  /** What becomes of a value for whose column there is no place in the row. */
  withoutPlace(column: string): Placement {
    return this.#withoutPlace(column, true);
  }

  #withoutPlace(column: string, isThere: boolean): Placement {
    switch (this.#plan.policy.contract) {
      case 'evolve':
        this.needsRest ||= !this.#plan.hasRest;
        return this.#plan.hasRest ? 'rest' : 'left_out';
      case 'discard_value':
        return 'left_out';
      case 'discard_row':
        return { row: DISCARDED };
      default:
        return { row: this.#refusal(column, isThere) };
    }
  }

  #refusal(column: string, isThere: boolean): string {
    const { table, catalogue } = this.#plan;
    const type = catalogue?.columns.get(column)?.typeName;
    const expected = isThere ? `a value of type ${type}, got another` : `a column of ${table}, it has none`;
    return `column "${column}": expected ${expected}; schema_contract: freeze lets nothing be changed`;
  }

  #observe(column: string, cells: RowCells, i: number): void {
    const observation = this.created.get(column) ?? new Observation();
    observation.observe(cells, i);
    this.created.set(column, observation);
  }
}
