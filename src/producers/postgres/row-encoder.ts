import type { Receipt } from '../../stages/stage.js';
import { JSON_KIND } from '../../utils/json/json-kind.js';
import { type KeyTable, NO_KEY } from '../../utils/rows/key-table.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import type { RowVerdict } from '../../utils/rows/visit-batch.js';
import { AlikeRows } from './alike-rows.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import type { RowRange, RowsTaken } from './encode/copy-kernel.js';
import { putQuickFields, quickCodes } from './encode/put-quick.js';
import { isJsonbSafe } from './encode/text.js';
import type { Misfits, Placement } from './misfits.js';
import { putMetadata } from './put-metadata.js';
import { BINARY_FORMAT, type RowFormat } from './row-format.js';
import { copyColumns, type PlannedColumn, type TablePlan } from './table-plan.js';

const ABSENT = -1;
const NO_COLUMN = -1;
const UNKNOWN = -2;
const NO_LAYOUT = -1;
const TAKEN: RowVerdict = undefined;

/** What rows are encoded by, and where to. */
export interface RowEncoding {
  readonly plan: TablePlan;
  readonly out: CopyBuffer;
  readonly misfits: Misfits;
  readonly format: RowFormat;
  /** Whether a last field says of each column, `1` or `0`, whether the row has a key for it. */
  readonly withPresence: boolean;
  /** Takes the keys by the column that they go to. */
  readonly keyNames: Map<string, Set<string>>;
}

/** Encodes rows by one plan as the rows of a COPY. */
export class RowEncoder {
  readonly #encoding: RowEncoding;
  readonly #width: number;
  readonly #columnIndex: ReadonlyMap<string, number>;
  /** Per column, the row's cell for it. */
  readonly #cellOf: Int32Array;
  /** Per column, whether the row has a key for it, null or not. */
  readonly #isPresent: Uint8Array;
  /** Whose numbers of keys are known. */
  #keyTable: KeyTable | undefined;
  /** Per number of a key, the column it goes to. */
  #columnOfKey = new Int16Array(0);
  /** The version of the keys whose cells are placed, if each has a column of its own. */
  #layout = NO_LAYOUT;
  readonly #codes: Uint8Array;
  readonly #isQuick: boolean;
  readonly #rest: number[] = [];
  #verdict: RowVerdict = TAKEN;
  readonly #alike: AlikeRows;

  constructor(encoding: RowEncoding) {
    const { plan, format, withPresence } = encoding;
    this.#encoding = encoding;
    this.#width = copyColumns(plan).length + (withPresence ? 1 : 0);
    this.#columnIndex = new Map(plan.columns.map(({ name }, index) => [name, index]));
    this.#cellOf = new Int32Array(plan.columns.length);
    this.#isPresent = new Uint8Array(plan.columns.length);
    this.#codes = quickCodes(plan.columns.map(({ codec }) => codec));
    this.#isQuick = format === BINARY_FORMAT;
    this.#alike = new AlikeRows(plan, this.#codes, this.#width);
  }

  /** Appends the row, unless it is discarded or a dead letter. */
  encode(cells: RowCells, receipt: Receipt | undefined): RowVerdict {
    const { out, format } = this.#encoding;
    const mark = out.length;
    this.#verdict = TAKEN;
    // Setting a length, and calling `fill`, cost more than a few steps.
    if (this.#rest.length > 0) this.#rest.length = 0;
    if (!this.#isPlaced(cells)) this.#placeCells(cells);
    format.begin(out, this.#width);
    this.#putColumns(cells);
    this.#putMetadata(receipt);
    this.#putRest(cells);
    this.#putPresence();
    format.end(out);
    if (this.#verdict !== TAKEN) out.length = mark;
    return this.#verdict;
  }

  /** Appends rows that are like the last one, whose cells these are. */
  encodeMany(cells: RowCells, range: RowRange, receipt: Receipt | undefined): RowsTaken {
    const { out, withPresence } = this.#encoding;
    const mayBe = this.#isQuick && !withPresence && this.#isPlaced(cells);
    const kind = mayBe ? { cells, cellOf: this.#cellOf, receipt } : undefined;
    return kind === undefined ? { rows: 0, at: range.from } : this.#alike.run(kind, range, out);
  }

  /** Whether the row before had the same keys, and each of them a column of its own. */
  #isPlaced({ keysVersion, keyTable }: RowCells): boolean {
    return keysVersion === this.#layout && keyTable === this.#keyTable;
  }

  /** Finds the cell of each column. */
  #placeCells(cells: RowCells): void {
    if (cells.keyTable !== this.#keyTable) this.#forgetKeys(cells.keyTable);
    this.#clear();
    let isPlain = true;
    for (let i = 0; i < cells.count; i++) {
      const column = this.#columnFor(cells, i);
      const isFree = column !== NO_COLUMN && this.#isPresent[column] === 0;
      isPlain &&= isFree;
      if (column !== NO_COLUMN) this.#isPresent[column] = 1;
      if (isFree || cells.kinds[i] !== JSON_KIND.null) this.#placeCell(column, cells, i);
    }
    this.#layout = isPlain ? cells.keysVersion : NO_LAYOUT;
  }

  #columnFor(cells: RowCells, i: number): number {
    const id = cells.keyIds[i] as number;
    const known = id === NO_KEY ? UNKNOWN : (this.#columnOfKey[id] as number);
    return known === UNKNOWN ? this.#lookUp(id, cells.keys[i] as string) : known;
  }

  /** Of several cells for one column the first that is not null stays. */
  #placeCell(column: number, cells: RowCells, i: number): void {
    const { misfits, plan } = this.#encoding;
    const before = column === NO_COLUMN ? ABSENT : (this.#cellOf[column] as number);
    if (column !== NO_COLUMN && (before === ABSENT || cells.kinds[before] === JSON_KIND.null))
      this.#cellOf[column] = i;
    else {
      const name = plan.columnOf(cells.keys[i] as string);
      this.#place(column === NO_COLUMN ? misfits.take(name, cells, i) : misfits.withoutPlace(name), i);
    }
  }

  #clear(): void {
    const width = this.#cellOf.length;
    for (let c = 0; c < width; c++) {
      this.#cellOf[c] = ABSENT;
      this.#isPresent[c] = 0;
    }
  }

  #place(placement: Placement, i: number): void {
    if (placement === 'rest') this.#rest.push(i);
    else if (typeof placement === 'object') this.#verdict ??= placement.row;
  }

  #forgetKeys(keyTable: KeyTable): void {
    this.#keyTable = keyTable;
    this.#columnOfKey = new Int16Array(keyTable.froms.length).fill(UNKNOWN);
    this.#layout = NO_LAYOUT;
  }

  #lookUp(id: number, key: string): number {
    const { plan, keyNames } = this.#encoding;
    const name = plan.columnOf(key);
    const column = this.#columnIndex.get(name) ?? NO_COLUMN;
    if (column !== NO_COLUMN) keyNames.set(name, (keyNames.get(name) ?? new Set<string>()).add(key));
    if (id !== NO_KEY) this.#columnOfKey[id] = column;
    return column;
  }

  #putColumns(cells: RowCells): void {
    const { out } = this.#encoding;
    const row = { cells, cellOf: this.#cellOf };
    for (let c = 0; c < this.#codes.length; c++) {
      if (this.#isQuick) c = putQuickFields(out, this.#codes, row, c);
      if (c < this.#codes.length) this.#putColumn(c, cells, this.#cellOf[c] as number);
    }
  }

  #putColumn(c: number, cells: RowCells, i: number): void {
    const { plan, out, format, misfits } = this.#encoding;
    const column = plan.columns[c] as PlannedColumn;
    const mark = out.length;
    const hasValue = i !== ABSENT && cells.kinds[i] !== JSON_KIND.null;
    if (hasValue && format.cell(out, column.codec, cells, i)) return;
    out.length = mark;
    if (hasValue) this.#place(misfits.takeUnfit(column, cells, i), i);
    this.#takeNone(c, hasValue);
    format.none(out);
  }

  /** Null is a value, and so is one that went elsewhere; only a key that is absent leaves the column to its default. */
  #takeNone(c: number, hadValue: boolean): void {
    const { plan, misfits, withPresence } = this.#encoding;
    const { name, typeName, isRequired, isNotNull, defaultText } = plan.columns[c] as PlannedColumn;
    const isAbsent = this.#isPresent[c] === 0;
    if (isAbsent ? isRequired : isNotNull) {
      const got = hadValue ? 'another' : isAbsent ? 'none' : 'null';
      this.#verdict ??= `column "${name}": expected a value of type ${typeName}, got ${got}`;
    }
    misfits.needsDefaults ||= isAbsent && defaultText !== null && !withPresence;
  }

  #putMetadata(receipt: Receipt | undefined): void {
    const { plan, out, format } = this.#encoding;
    putMetadata(out, format, plan.metadata, receipt);
  }

  #putRest(cells: RowCells): void {
    const { plan, out, format } = this.#encoding;
    if (!plan.hasRest) return;
    const unsafe = this.#rest.find((i) => (cells.keys[i] as string).includes('\0') || !isJsonbSafe(cells, i));
    if (unsafe !== undefined) {
      this.#verdict ??= `key ${JSON.stringify(cells.keys[unsafe])}: expected what jsonb can hold, got the character U+0000 or a number beyond numeric`;
    }
    if (this.#rest.length === 0) {
      format.none(out);
      return;
    }
    const members = this.#rest.map((i) => `${JSON.stringify(cells.keys[i])}:${rawText(cells, i)}`);
    format.json(out, `{${members.join(',')}}`);
  }

  #putPresence(): void {
    const { out, format, withPresence } = this.#encoding;
    if (withPresence) format.text(out, this.#isPresent.join(''));
  }
}

function rawText(cells: RowCells, i: number): string {
  return cells.bytes.toString('utf8', cells.starts[i], cells.stops[i]);
}
