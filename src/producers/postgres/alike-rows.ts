import type { Receipt } from '../../stages/stage.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import { CopyBuffer } from './encode/copy-buffer.js';
import type { RowRange, RowsTaken, RowTemplate } from './encode/copy-kernel.js';
import { kernelOf } from './encode/kernel-memory.js';
import { putMetadata } from './put-metadata.js';
import { BINARY_FORMAT } from './row-format.js';
import type { PlannedColumn, TablePlan } from './table-plan.js';

const SUFFIX_BYTES = 256;

/** A row, and those that are like it: all of its keys have columns of their own. */
export interface RowKind {
  readonly cells: RowCells;
  /** The cell of each column, below 0 for none. */
  readonly cellOf: Int32Array;
  readonly receipt: Receipt | undefined;
}

/** Encodes rows with the same keys and the commonest values, many at once, as `RowEncoder` would one by one. */
export class AlikeRows {
  readonly #plan: TablePlan;
  readonly #codes: Uint8Array;
  readonly #width: number;
  #template: RowTemplate | undefined;
  /** What the template was made for. */
  #version = -1;
  #receipt: Receipt | undefined;

  /** @param codes the quick code of each column's type */
  constructor(plan: TablePlan, codes: Uint8Array, width: number) {
    this.#plan = plan;
    this.#codes = codes;
    this.#width = width;
  }

  /** Appends rows of the kind, up to the first that is of another. */
  run(kind: RowKind, range: RowRange, out: CopyBuffer): RowsTaken {
    const isKnown = kind.cells.keysVersion === this.#version && kind.receipt === this.#receipt;
    if (!isKnown) this.#template = this.#templateOf(kind, out);
    this.#version = kind.cells.keysVersion;
    this.#receipt = kind.receipt;
    return this.#template === undefined ? { rows: 0, at: range.from } : takeRows(this.#template, range, out);
  }

  /** Undefined when the kernel does not take such rows. */
  #templateOf({ cells, cellOf, receipt }: RowKind, out: CopyBuffer): RowTemplate | undefined {
    const { columns } = this.#plan;
    if (!columns.every((column, c) => this.#isQuick(column, c, cellOf))) return undefined;
    const columnOf = new Map(columns.map((_, c) => [cellOf[c] as number, c]));
    const types = Array.from({ length: cells.count }, (_, i) => {
      const c = columnOf.get(i) as number;
      return { code: this.#codes[c] as number, isNullable: columns[c]?.isNotNull === false };
    });
    const suffix = this.#suffixOf(receipt);
    const template = { keys: keysOf(cells), types, keyOf: cellOf.slice(), width: this.#width, suffix };
    return kernelOf(out.bytes)?.takes(template) ? template : undefined;
  }

  /** A column without a cell gets NULL; what that means must not depend on the row. */
  #isQuick({ isRequired, defaultText }: PlannedColumn, c: number, cellOf: Int32Array): boolean {
    return (cellOf[c] as number) < 0 ? !isRequired && defaultText === null : this.#codes[c] !== 0;
  }

  #suffixOf(receipt: Receipt | undefined): Uint8Array {
    const out = new CopyBuffer(SUFFIX_BYTES);
    putMetadata(out, BINARY_FORMAT, this.#plan.metadata, receipt);
    if (this.#plan.hasRest) BINARY_FORMAT.none(out);
    return out.bytes.subarray(0, out.length);
  }
}

/** When there is no more room for rows there is made some. */
function takeRows(template: RowTemplate, { bytes, from, to }: RowRange, out: CopyBuffer): RowsTaken {
  let at = from;
  let rows = 0;
  for (let isFull = true; isFull; ) {
    const taken = kernelOf(out.bytes)?.run(template, { bytes, from: at, to }, out);
    if (taken === undefined) break;
    at = taken.at;
    rows += taken.rows;
    isFull = taken.isFull;
    if (isFull) out.reserve(out.bytes.length);
  }
  return { rows, at };
}

function keysOf({ keyTable, keyIds, count }: RowCells): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => keyTable.bytesOf(keyIds[i] as number));
}
