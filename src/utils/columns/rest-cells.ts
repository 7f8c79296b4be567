import type { Column } from './column-table.js';

/** What fits no column: per row the members of a JSON object, each as its text. */
export class RestCells {
  readonly #members = new Map<number, string[]>();

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Adds a value under the key it was received with; `json` is its text as received. */
  add(row: number, key: string, json: string): void {
    const member = `${JSON.stringify(key)}:${json}`;
    const members = this.#members.get(row);
    if (members === undefined) this.#members.set(row, [member]);
    else members.push(member);
  }

  toColumn(name: string, rows: number): Column {
    const values = new Array<string | null>(rows).fill(null);
    const valid = new Uint8Array(rows);
    for (const [row, members] of this.#members) {
      values[row] = `{${members.join(',')}}`;
      valid[row] = 1;
    }
    return { name, type: 'json', values, valid, nulls: rows - this.#members.size };
  }
}
