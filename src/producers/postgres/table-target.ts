import type { ClientBase } from 'pg';
import type { Batch, Receipt } from '../../stages/stage.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import type { RowVerdict } from '../../utils/rows/visit-batch.js';
import { assertLoadable } from './assert-loadable.js';
import type { DeadLetter, EncodedPart, PartEncoder } from './batch-encoder.js';
import { type Catalogue, readCatalogue } from './catalogue.js';
import type { ChangeTable } from './change-table.js';
import type { TablePolicy } from './disposition.js';
import { CopyBuffer } from './encode/copy-buffer.js';
import { planChange, type TableChange } from './evolve.js';
import { Misfits } from './misfits.js';
import { PartCollector } from './part-collector.js';
import type { PoisonRows } from './poison.js';
import { RowEncoder } from './row-encoder.js';
import { BINARY_FORMAT, createBytesFormat, type RowFormat, TEXT_FORMAT } from './row-format.js';
import { needsText, planTable, type TablePlan } from './table-plan.js';

/** So long a change that could not be made is not tried again; what it was for goes into `_rest`. */
const PUT_OFF_MS = 60_000;

/** A table that rows of a source go to. */
export interface TargetPlace {
  readonly schema: string;
  readonly table: string;
  readonly decode: DecodeSettings;
  readonly policy: TablePolicy;
  /** Told of a line of configuration that may be wanted. */
  readonly onHint: (message: string, line: string) => void;
}

/** How rows are to be encoded. */
export interface EncodeTask {
  /** To find out which rows the server refuses, they are sent so that nothing of them can be refused before. */
  readonly isProbe: boolean;
  /** Rows that are dead letters. */
  readonly poison: PoisonRows | undefined;
}

/** One encoding of a group, with the plan that the target has then. */
interface Attempt {
  readonly rows: RowEncoder | undefined;
  readonly misfits: Misfits | undefined;
  readonly task: EncodeTask;
  readonly format: RowFormat;
}

/** One table of one source: its plan, what is known of its columns, and its buffer. */
export class TableTarget implements PartEncoder {
  readonly out = new CopyBuffer();
  /** In a probe, the number of each encoded row among those of its batch, and how many each batch has. */
  readonly ordinals: { readonly seq: number; readonly ordinal: number }[] = [];
  /** Keys of rows by the column that they go to. */
  readonly keyNames = new Map<string, Set<string>>();
  readonly #place: TargetPlace;
  readonly #collector: PartCollector;
  readonly #active = new Set<string>();
  readonly #restKeys = new Set<string>();
  readonly #narrow = new Set<string>();
  #putOffUntil = 0;
  /** Whether rows say for which columns they have no key, so that those get their defaults. */
  #usesDefaults = false;
  #plan: TablePlan | undefined;
  #attempt: Attempt | undefined;
  #seen = 0;
  #seq = 0;
  #hasRows = false;

  constructor(place: TargetPlace) {
    this.#place = place;
    this.#collector = new PartCollector(place.table);
  }

  get table(): string {
    return this.#place.table;
  }

  /** @throws TypeError before there is one */
  get plan(): TablePlan {
    if (this.#plan === undefined) throw new TypeError(`expected a plan for ${this.table}`);
    return this.#plan;
  }

  /** How the encoded rows stand in the buffer. */
  get format(): RowFormat {
    return this.#attempt?.format ?? BINARY_FORMAT;
  }

  /** Whether a last field of each row says which columns it has keys for. */
  get hasPresence(): boolean {
    return this.policy.disposition === 'merge' || this.#usesDefaults;
  }

  get policy(): TablePolicy {
    return this.#place.policy;
  }

  /** Begins to encode a group. */
  begin(task: EncodeTask): void {
    const plan = this.#plan;
    const misfits = plan && new Misfits(plan, this.#narrow);
    const format = task.isProbe ? createBytesFormat() : plan && needsText(plan) ? TEXT_FORMAT : BINARY_FORMAT;
    const withPresence = this.hasPresence;
    const rows =
      plan &&
      misfits &&
      new RowEncoder({ plan, out: this.out, misfits, format, withPresence, keyNames: this.keyNames });
    this.#attempt = { rows, misfits, task, format };
    this.out.length = 0;
    this.ordinals.length = 0;
    this.#hasRows = false;
    this.#collector.begin(0);
  }

  /** Sets out on the next batch. */
  beginBatch(seq: number): void {
    this.#seq = seq;
    this.#seen = 0;
  }

  row(cells: RowCells, receipt: Receipt | undefined): RowVerdict {
    const { rows, task } = this.#attempt as Attempt;
    const ordinal = this.#seen++;
    this.#hasRows = true;
    const poisoned = task.poison?.get(this.#seq)?.get(ordinal);
    const verdict = poisoned ?? rows?.encode(cells, receipt);
    this.#collector.count(verdict);
    if (task.isProbe && verdict === undefined) this.ordinals.push({ seq: this.#seq, ordinal });
    return verdict;
  }

  note(verdict: RowVerdict): void {
    this.#collector.count(verdict);
  }

  setAside(letter: DeadLetter): void {
    this.#collector.setAside(letter);
  }

  end(batch: Batch, isNeeded: boolean): EncodedPart | undefined {
    return this.#collector.end(batch, this.out.length, isNeeded || this.policy.disposition === 'replace');
  }

  /** Whether all rows fit the plan they were encoded with. */
  get isSettled(): boolean {
    const { misfits } = this.#attempt as Attempt;
    if (!this.#hasRows) return true;
    return misfits?.isEmpty === true && this.#plan?.catalogue !== undefined;
  }

  /** Makes the plan, if there is none, or a better one, for which `change` changes the table. */
  async improve(client: ClientBase, change: ChangeTable): Promise<void> {
    const misfits = this.#attempt?.misfits;
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
    const quoted = [...misfits.created].filter(
      ([name, seen]) => added.get(name) === 'text' && seen.isNumberAsText,
    );
    if (quoted.length === 0) return;
    const names = quoted.map(([name]) => name);
    const line = `columns: {${names.map((name) => `${JSON.stringify(name)}: numeric`).join(', ')}}`;
    this.#place.onHint(
      `table ${this.table}: text that looks like numbers stays text: ${names.join(', ')}`,
      line,
    );
  }

  #putOff({ added, widened }: TableChange, isForLater: boolean): void {
    for (const name of widened) this.#narrow.add(name);
    if (!isForLater) return;
    for (const name of added.keys()) this.#restKeys.add(name);
    this.#putOffUntil = performance.now() + PUT_OFF_MS;
  }

  async #makePlan(client: ClientBase, known: Catalogue): Promise<void> {
    const { schema, table, decode, policy } = this.#place;
    const catalogue = known ?? (await readCatalogue(client, schema, table));
    // What is only planned has what it was planned with.
    if (known === undefined) await assertLoadable(client, this.#place, policy, catalogue);
    const input = { schema, table, decode, policy, active: this.#active, restKeys: this.#restKeys };
    const plan = planTable(input, catalogue);
    const planned = new Set(plan.columns.map(({ name }) => name));
    for (const name of this.#active)
      if (catalogue?.columns.has(name) && !planned.has(name)) this.#restKeys.add(name);
    this.#plan = plan;
  }
}
