import type { ClientBase } from 'pg';
import { type Catalogue, readCatalogue } from './catalogue.js';
import { applyChange, catalogueAfter, changeStatements, isLargerThan, type TableChange } from './evolve.js';
import { classifySqlState } from './sqlstate.js';
import type { TablePlan } from './table-plan.js';

const LOCK_NOT_AVAILABLE = '55P03';
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** What came of a change. */
export interface ChangeOutcome {
  readonly isMade: boolean;
  /** Whether it may be tried again after a while; if not, only what it widened cannot be. */
  readonly isForLater?: boolean;
}

/** Makes the changes that tables need. */
export interface ChangeTable {
  /** Tables whose catalogue is known without a look. */
  readonly known: ReadonlyMap<string, Catalogue>;
  apply(change: TableChange, plan: TablePlan): Promise<ChangeOutcome>;
}

/** Changes tables. */
export class TableChanger implements ChangeTable {
  readonly known: ReadonlyMap<string, Catalogue> = new Map();
  readonly #client: ClientBase;

  constructor(client: ClientBase) {
    this.#client = client;
  }

  /** A column that a view stands on, or of a large table, keeps its type; a table that somebody has locked, or that gets no columns, is not waited for when its rows have another place. */
  async apply(change: TableChange, plan: TablePlan): Promise<ChangeOutcome> {
    const isWidening = change.widened.length > 0;
    if (isWidening && (await isLargerThan(this.#client, plan, plan.policy.widenLimit)))
      return { isMade: false };
    try {
      await applyChange(this.#client, change);
      return { isMade: true };
    } catch (error) {
      const code = String((error as { code?: unknown }).code);
      const mayPass = code === LOCK_NOT_AVAILABLE || (!isWidening && isRefusal(code));
      const isForLater = mayPass && plan.hasRest;
      if (!isForLater && !(isWidening && isRefusal(code))) throw error;
      await this.#client.query('ROLLBACK');
      return { isMade: false, isForLater };
    }
  }
}

/** Whether the server does not do it: a view stands on the column, or the table is a partition, full, or somebody else's. */
function isRefusal(state: string): boolean {
  return SQLSTATE.test(state) && ['row', 'blocked'].includes(classifySqlState(state));
}

/** Writes the statements down instead. */
export class ChangeRecorder implements ChangeTable {
  readonly known = new Map<string, Catalogue>();
  readonly statements: string[] = [];
  readonly #client: ClientBase;

  constructor(client: ClientBase) {
    this.#client = client;
  }

  async apply(change: TableChange, plan: TablePlan): Promise<ChangeOutcome> {
    const { schema, table } = change;
    const before = this.known.get(table) ?? (await readCatalogue(this.#client, schema, table));
    const isWidening = change.widened.length > 0;
    if (
      isWidening &&
      before !== undefined &&
      (await isLargerThan(this.#client, plan, plan.policy.widenLimit))
    )
      return { isMade: false };
    this.statements.push(...changeStatements(change, before));
    this.known.set(table, catalogueAfter(change, before));
    return { isMade: true };
  }
}
