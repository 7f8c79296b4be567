import type { Receipt } from '../../stages/stage.js';
import { JSON_KIND } from '../../utils/json/json-kind.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import { isJsonbSafe } from './encode/text.js';
import { putTimestamptz } from './encode/timestamptz.js';
import type { Misfits } from './misfits.js';
import { copyColumns, type PlannedColumn, type TablePlan } from './table-plan.js';

const ABSENT = -1;
const NO_COLUMN = -1;

/** Encodes rows by one plan as tuples of a binary COPY: int16 count of fields, then the fields. */
export class RowEncoder {
  readonly #plan: TablePlan;
  readonly #out: CopyBuffer;
  readonly #misfits: Misfits;
  readonly #width: number;
  readonly #columnIndex: ReadonlyMap<string, number>;
  /** Per column, the row's cell for it. */
  readonly #cellOf: Int32Array;
  /** Per place in the row, the key that was there last and the column it goes to. */
  readonly #keyAt: string[] = [];
  readonly #columnAt: number[] = [];
  readonly #rest: number[] = [];

  constructor(plan: TablePlan, out: CopyBuffer, misfits: Misfits) {
    this.#plan = plan;
    this.#out = out;
    this.#misfits = misfits;
    this.#width = copyColumns(plan).length;
    this.#columnIndex = new Map(plan.columns.map(({ name }, index) => [name, index]));
    this.#cellOf = new Int32Array(plan.columns.length);
  }

  /**
   * Appends the row's tuple, or nothing.
   *
   * @returns why the row is a dead letter; undefined when it is none
   */
  encode(cells: RowCells, receipt: Receipt | undefined): string | undefined {
    const mark = this.#out.length;
    this.#placeCells(cells);
    this.#out.putInt16(this.#width);
    const reason = this.#putColumns(cells) ?? this.#putMetadata(receipt) ?? this.#putRest(cells);
    if (reason !== undefined) this.#out.length = mark;
    return reason;
  }

  #placeCells(cells: RowCells): void {
    this.#cellOf.fill(ABSENT);
    this.#rest.length = 0;
    for (let i = 0; i < cells.count; i++) {
      const column =
        this.#keyAt[i] === cells.keys[i]
          ? (this.#columnAt[i] as number)
          : this.#lookUp(i, cells.keys[i] as string);
      if (cells.kinds[i] !== JSON_KIND.null) this.#placeCell(column, cells, i);
    }
  }

  #placeCell(column: number, cells: RowCells, i: number): void {
    if (column === NO_COLUMN) {
      if (this.#misfits.take(this.#plan.columnOf(cells.keys[i] as string), cells, i)) this.#rest.push(i);
    } else if (this.#cellOf[column] === ABSENT) this.#cellOf[column] = i;
    else if (this.#misfits.toRest()) this.#rest.push(i);
  }

  #lookUp(i: number, key: string): number {
    const column = this.#columnIndex.get(this.#plan.columnOf(key)) ?? NO_COLUMN;
    this.#keyAt[i] = key;
    this.#columnAt[i] = column;
    return column;
  }

  #putColumns(cells: RowCells): string | undefined {
    const { columns } = this.#plan;
    for (let c = 0; c < columns.length; c++) {
      const reason = this.#putColumn(columns[c] as PlannedColumn, cells, this.#cellOf[c] as number);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #putColumn(column: PlannedColumn, cells: RowCells, i: number): string | undefined {
    const mark = this.#out.length;
    if (i !== ABSENT && column.encode(this.#out, cells, i)) return undefined;
    this.#out.length = mark;
    if (i !== ABSENT && this.#misfits.takeUnfit(column, cells, i)) this.#rest.push(i);
    if (column.isRequired)
      return `column "${column.name}": expected a value of type ${column.type}, got ${i === ABSENT ? 'none' : 'another'}`;
    this.#out.putNull();
    return undefined;
  }

  #putMetadata(receipt: Receipt | undefined): string | undefined {
    for (const name of this.#plan.metadata) {
      if (receipt === undefined) this.#out.putNull();
      else if (name === 'received_at') putTimestamptz(this.#out, BigInt(receipt.receivedAtUs));
      else {
        this.#out.putInt32(8);
        this.#out.putInt64(BigInt(receipt.connection));
      }
    }
    return undefined;
  }

  #putRest(cells: RowCells): string | undefined {
    if (!this.#plan.hasRest) return undefined;
    if (this.#rest.length === 0) {
      this.#out.putNull();
      return undefined;
    }
    const unsafe = this.#rest.find((i) => (cells.keys[i] as string).includes('\0') || !isJsonbSafe(cells, i));
    if (unsafe !== undefined) {
      return `key ${JSON.stringify(cells.keys[unsafe])}: expected what jsonb can hold, got the character U+0000 or a number beyond numeric`;
    }
    const members = this.#rest.map((i) => `${JSON.stringify(cells.keys[i])}:${rawText(cells, i)}`);
    this.#out.putTextField(`\u0001{${members.join(',')}}`);
    return undefined;
  }
}

function rawText(cells: RowCells, i: number): string {
  return cells.bytes.toString('utf8', cells.starts[i], cells.stops[i]);
}
