import { JSON_KIND } from '../../utils/json/json-kind.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import { Observation } from './infer.js';
import type { PlannedColumn, TablePlan } from './table-plan.js';

const WIDENED = new Set(['int2', 'int4', 'int8', 'float8']);

/** What rows asked for and their plan did not have; the next plan is made so that they fit. */
export class Misfits {
  /** Columns that the table does not have yet. */
  readonly created = new Map<string, Observation>();
  /** Columns that the table has and that were not needed until now. */
  readonly activated = new Set<string>();
  /** Number columns whose type is too narrow. */
  readonly widened = new Set<string>();
  needsRest = false;
  readonly #plan: TablePlan;
  readonly #narrow: ReadonlySet<string>;

  /** @param narrow columns that must not be widened */
  constructor(plan: TablePlan, narrow: ReadonlySet<string>) {
    this.#plan = plan;
    this.#narrow = narrow;
  }

  get isEmpty(): boolean {
    return !this.needsRest && this.created.size + this.activated.size + this.widened.size === 0;
  }

  /** Takes in cell `i`, whose column is not in the plan; says whether the cell goes into `_rest` instead. */
  take(column: string, cells: RowCells, i: number): boolean {
    if (this.#plan.restKeys.has(column)) return this.toRest();
    if (this.#plan.catalogue?.has(column)) this.activated.add(column);
    else this.#observe(column, cells, i);
    return false;
  }

  /** Takes in cell `i`, which its column's type does not hold; says whether the cell goes into `_rest` instead. */
  takeUnfit(column: PlannedColumn, cells: RowCells, i: number): boolean {
    const isNumber = cells.kinds[i] === JSON_KIND.number;
    if (!isNumber || !WIDENED.has(column.type) || this.#narrow.has(column.name)) return this.toRest();
    this.widened.add(column.name);
    return false;
  }

  /** Demands the column `_rest`, and says whether it is there. */
  toRest(): boolean {
    this.needsRest ||= !this.#plan.hasRest;
    return this.#plan.hasRest;
  }

  #observe(column: string, cells: RowCells, i: number): void {
    const observation = this.created.get(column) ?? new Observation();
    observation.observe(cells, i);
    this.created.set(column, observation);
  }
}
