import type { ClientBase } from 'pg';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { assertLoadable } from './assert-loadable.js';
import { type Catalogue, readCatalogue } from './catalogue.js';
import type { ChangeTable } from './change-table.js';
import type { TablePolicy } from './disposition.js';
import { CopyBuffer } from './encode/copy-buffer.js';
import { allocateForKernel } from './encode/kernel-memory.js';
import { planChange, type TableChange } from './evolve.js';
import { Misfits } from './misfits.js';
import { type EncodeTask, TableEncoding } from './table-encoding.js';
import { readMark } from './table-mark.js';
import { planTable, type TablePlan } from './table-plan.js';

/** A column that is there keeps its type. */
const ANOTHER_TABLE =
  'as this table is made, give the consumer another table:, and socket-el stage replay loads into it what is staged';

/** So long a change that could not be made is not tried again; what it was for goes into `_rest`. */
const PUT_OFF_MS = 60_000;

/** A table that rows of a source go to. */
export interface TargetPlace {
  readonly schema: string;
  readonly table: string;
  readonly decode: DecodeSettings;
  readonly policy: TablePolicy;
  /** Told of what may be wanted otherwise, and how to have it so. */
  readonly onHint: (message: string, hint: string) => void;
}

/** Buffers that are kept: one is being sent while another is filled. */
const SPARE_BUFFERS = 2;

/** One table of one source: its plan, and what is known of its columns. */
export class TableTarget {
  /** Keys of rows by the column that they go to. */
  readonly #keyNames = new Map<string, Set<string>>();
  readonly #place: TargetPlace;
  readonly #active = new Set<string>();
  readonly #restKeys = new Set<string>();
  readonly #narrow = new Set<string>();
  readonly #spare: CopyBuffer[] = [];
  #putOffUntil = 0;
  #hasToldKept = false;
  /** Whether rows say for which columns they have no key, so that those get their defaults. */
  #usesDefaults = false;
  #plan: TablePlan | undefined;
  #seen: { readonly plan: TablePlan; readonly mark: string } | undefined;

  constructor(place: TargetPlace) {
    this.#place = place;
  }

  get table(): string {
    return this.#place.table;
  }

  get policy(): TablePolicy {
    return this.#place.policy;
  }

  /** @throws TypeError before there is one */
  get plan(): TablePlan {
    if (this.#plan === undefined) throw new TypeError(`expected a plan for ${this.table}`);
    return this.#plan;
  }

  get hasPlan(): boolean {
    return this.#plan !== undefined;
  }

  /** Whether a plan is the one that rows are to be encoded by now. */
  isPlan(plan: TablePlan | undefined): boolean {
    return this.#plan === plan;
  }

  /** Whether the table was as planned when it had this mark. */
  isSeen(plan: TablePlan, mark: string | undefined): boolean {
    return mark !== undefined && this.#seen?.plan === plan && this.#seen.mark === mark;
  }

  /** Notes that the table is as planned, and its mark, if it has one. */
  see(plan: TablePlan, mark: string | undefined): void {
    this.#seen = mark === undefined ? undefined : { plan, mark };
  }

  /** Begins to encode a group by the present plan, if there is one. About so many bytes are expected. */
  begin(task: EncodeTask, byteLength: number): TableEncoding {
    const out = this.#spare.pop() ?? new CopyBuffer(undefined, allocateForKernel);
    out.length = 0;
    out.reserve(byteLength);
    const plan = this.#plan;
    return new TableEncoding(this, task, {
      plan,
      out,
      misfits: plan && new Misfits(plan, this.#narrow),
      keyNames: this.#keyNames,
      hasPresence: this.policy.disposition === 'merge' || this.#usesDefaults,
    });
  }

  /** Takes a buffer back whose rows nobody will read any more. */
  release(out: CopyBuffer): void {
    if (this.#spare.length < SPARE_BUFFERS) this.#spare.push(out);
  }

  /** Makes the plan, if there is none, or a better one, for which `change` changes the table. */
  async improve(client: ClientBase, change: ChangeTable, misfits: Misfits | undefined): Promise<void> {
    if (this.#plan !== undefined && misfits !== undefined) await this.#evolve(misfits, change);
    await this.#makePlan(client, change.known.get(this.table));
  }

  /** Forgets the plan, so that the next load looks at the table anew. */
  forgetPlan(): void {
    this.#plan = undefined;
    this.#usesDefaults = false;
    this.#forgetRefusals();
  }

  /** From time to time what could not be changed is tried again. */
  refresh(): void {
    if (this.#putOffUntil === 0 || performance.now() < this.#putOffUntil) return;
    this.#putOffUntil = 0;
    this.forgetPlan();
  }

  /** Makes the plan unless there is one. */
  async ensurePlan(client: ClientBase): Promise<TablePlan> {
    if (this.#plan === undefined) await this.#makePlan(client, undefined);
    return this.plan;
  }

  #forgetRefusals(): void {
    this.#restKeys.clear();
    this.#narrow.clear();
  }

  async #evolve(misfits: Misfits, change: ChangeTable): Promise<void> {
    this.#usesDefaults ||= misfits.needsDefaults;
    const wanted = planChange(this.plan, misfits, this.#place.decode);
    const isChange = wanted.added.size + wanted.widened.length > 0;
    const done = isChange ? await change.apply(wanted, this.plan) : { isMade: true };
    for (const name of misfits.activated) this.#active.add(name);
    if (done.isMade) this.#noteMade(misfits, wanted);
    else this.#putOff(wanted, done.isForLater === true);
  }

  #noteMade(misfits: Misfits, { added }: TableChange): void {
    for (const name of misfits.created.keys()) (added.has(name) ? this.#active : this.#restKeys).add(name);
    const declared = new Set(Object.keys(this.#place.decode.columns));
    const quoted = [...misfits.created].filter(
      ([name, seen]) => added.get(name) === 'text' && seen.isNumberAsText && !declared.has(name),
    );
    if (quoted.length === 0) return;
    const names = quoted.map(([name]) => name);
    const line = `columns: {${names.map((name) => `${JSON.stringify(name)}: numeric`).join(', ')}}`;
    this.#place.onHint(
      `table ${this.table}: text that looks like numbers stays text: ${names.join(', ')}`,
      `for numbers write into the consumer: ${line}; ${ANOTHER_TABLE}`,
    );
  }

  /** Once is enough: `columns:` is for columns that are not there yet. */
  #tellKept(catalogue: Catalogue): void {
    if (catalogue === undefined || this.#hasToldKept) return;
    this.#hasToldKept = true;
    const kept = Object.entries(this.#place.decode.columns).flatMap(([name, wanted]) => {
      const column = catalogue.columns.get(name);
      return column === undefined || column.type === wanted.type ? [] : [`${name} is ${column.typeName}`];
    });
    if (kept.length === 0) return;
    const message = `table ${this.table} keeps the types that it has, columns: says others: ${kept.join(', ')}`;
    this.#place.onHint(message, `if that is not as you want it: ${ANOTHER_TABLE}`);
  }

  #putOff({ added, widened }: TableChange, isForLater: boolean): void {
    for (const name of widened) this.#narrow.add(name);
    if (!isForLater) return;
    for (const name of added.keys()) this.#restKeys.add(name);
    this.#putOffUntil = performance.now() + PUT_OFF_MS;
  }

  async #makePlan(client: ClientBase, known: Catalogue): Promise<void> {
    const { schema, table, decode, policy } = this.#place;
    const mark = known === undefined ? await readMark(client, { schema, table }) : undefined;
    const catalogue = known ?? (await readCatalogue(client, schema, table));
    // What is only planned has what it was planned with.
    if (known === undefined) {
      await assertLoadable(client, this.#place, policy, catalogue);
      this.#tellKept(catalogue);
    }
    const input = { schema, table, decode, policy, active: this.#active, restKeys: this.#restKeys };
    const plan = planTable(input, catalogue);
    const planned = new Set(plan.columns.map(({ name }) => name));
    for (const name of this.#active)
      if (catalogue?.columns.has(name) && !planned.has(name)) this.#restKeys.add(name);
    this.#plan = plan;
    this.see(plan, mark);
  }
}
