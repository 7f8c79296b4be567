const LOW_HALF = 2 ** 32;

/** Integers of 64 bits, of which those that a double holds are written without making a bigint. */
export class Int64Values {
  readonly values: BigInt64Array;
  /** The same bytes as pairs of halves, the lower one first, as processors that Node runs on have them. */
  readonly #halves: Int32Array;

  constructor(rows: number) {
    this.values = new BigInt64Array(rows);
    this.#halves = new Int32Array(this.values.buffer);
  }

  /** @param value a whole number within ±2^53 */
  setSafe(row: number, value: number): void {
    this.#halves[row * 2] = value | 0;
    this.#halves[row * 2 + 1] = Math.floor(value / LOW_HALF);
  }

  set(row: number, value: bigint): void {
    this.values[row] = value;
  }
}
