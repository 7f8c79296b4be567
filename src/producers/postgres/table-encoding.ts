import type { Batch, Receipt } from '../../stages/stage.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import type { RowVerdict } from '../../utils/rows/visit-batch.js';
import type { DeadLetter, EncodedPart, PartEncoder } from './batch-encoder.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import type { RowRange, RowsTaken } from './encode/copy-kernel.js';
import type { Misfits } from './misfits.js';
import { PartCollector } from './part-collector.js';
import type { PoisonRows } from './poison.js';
import { RowEncoder } from './row-encoder.js';
import { BINARY_FORMAT, createBytesFormat, type RowFormat, TEXT_FORMAT } from './row-format.js';
import { needsText, type TablePlan } from './table-plan.js';
import type { TableTarget } from './table-target.js';

/** How rows are to be encoded. */
export interface EncodeTask {
  /** To find out which rows the server refuses, they are sent so that nothing of them can be refused before. */
  readonly isProbe: boolean;
  /** Rows that are dead letters. */
  readonly poison: PoisonRows | undefined;
}

/** What a table's rows are encoded by, and where to. */
export interface EncodingParts {
  /** Without one nothing is encoded, and what comes says that a plan is needed. */
  readonly plan: TablePlan | undefined;
  readonly out: CopyBuffer;
  readonly misfits: Misfits | undefined;
  /** Keys of rows by the column that they go to. */
  readonly keyNames: Map<string, Set<string>>;
  /** Whether a last field of each row says which columns it has keys for. */
  readonly hasPresence: boolean;
}

/** The rows of one group for one table, as its plan was when they were encoded. */
export class TableEncoding implements PartEncoder {
  readonly target: TableTarget;
  readonly out: CopyBuffer;
  readonly misfits: Misfits | undefined;
  readonly hasPresence: boolean;
  readonly keyNames: Map<string, Set<string>>;
  /** How the encoded rows stand in the buffer. */
  readonly format: RowFormat;
  /** In a probe, the number of each encoded row among those of its batch, and how many each batch has. */
  readonly ordinals: { readonly seq: number; readonly ordinal: number }[] = [];
  readonly #plan: TablePlan | undefined;
  readonly #task: EncodeTask;
  readonly #rows: RowEncoder | undefined;
  readonly #collector: PartCollector;
  #seen = 0;
  #seq = 0;
  #hasRows = false;

  constructor(target: TableTarget, task: EncodeTask, parts: EncodingParts) {
    const { plan, out, misfits, keyNames, hasPresence } = parts;
    this.target = target;
    this.out = out;
    this.misfits = misfits;
    this.keyNames = keyNames;
    this.hasPresence = hasPresence;
    this.format = formatFor(task, plan);
    this.#plan = plan;
    this.#task = task;
    this.#collector = new PartCollector(target.table);
    const { format } = this;
    this.#rows =
      plan && misfits && new RowEncoder({ plan, out, misfits, format, withPresence: hasPresence, keyNames });
  }

  /** @throws TypeError when there was none */
  get plan(): TablePlan {
    if (this.#plan === undefined) throw new TypeError(`expected a plan for ${this.target.table}`);
    return this.#plan;
  }

  /** Whether all rows fit the plan they were encoded with. */
  get isSettled(): boolean {
    return !this.#hasRows || (this.misfits?.isEmpty === true && this.#plan?.catalogue !== undefined);
  }

  /** Whether the table has another plan by now. */
  get isStale(): boolean {
    return !this.target.isPlan(this.#plan);
  }

  /** Sets out on the next batch. */
  beginBatch(seq: number): void {
    this.#seq = seq;
    this.#seen = 0;
  }

  row(cells: RowCells, receipt: Receipt | undefined): RowVerdict {
    const { isProbe, poison } = this.#task;
    const ordinal = this.#seen++;
    this.#hasRows = true;
    const poisoned = poison?.get(this.#seq)?.get(ordinal);
    const verdict = poisoned ?? this.#rows?.encode(cells, receipt);
    this.#collector.count(verdict);
    if (isProbe && verdict === undefined) this.ordinals.push({ seq: this.#seq, ordinal });
    return verdict;
  }

  rows(cells: RowCells, range: RowRange, receipt: Receipt | undefined): RowsTaken {
    const { isProbe, poison } = this.#task;
    const isEach = isProbe || poison !== undefined;
    const taken = isEach ? undefined : this.#rows?.encodeMany(cells, range, receipt);
    if (taken === undefined) return { rows: 0, at: range.from };
    this.#seen += taken.rows;
    this.#collector.countLoaded(taken.rows);
    return taken;
  }

  get hasReceipts(): boolean {
    return (this.#plan?.metadata.length ?? 0) > 0;
  }

  note(verdict: RowVerdict): void {
    this.#collector.count(verdict);
  }

  setAside(letter: DeadLetter): void {
    this.#collector.setAside(letter);
  }

  end(batch: Batch, isNeeded: boolean): EncodedPart | undefined {
    const isSet = this.target.policy.disposition === 'replace';
    return this.#collector.end(batch, this.out.length, isNeeded || isSet);
  }

  /** Gives the buffer back; the rows are gone then. */
  release(): void {
    this.target.release(this.out);
  }
}

function formatFor({ isProbe }: EncodeTask, plan: TablePlan | undefined): RowFormat {
  if (isProbe) return createBytesFormat();
  return plan && needsText(plan) ? TEXT_FORMAT : BINARY_FORMAT;
}
