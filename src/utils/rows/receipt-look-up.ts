/** Finds the receipt that covers a byte: the last that does not begin behind it. Bytes are asked for in ascending order. */
export class ReceiptLookUp<T extends { readonly offset: number }> {
  readonly #receipts: readonly T[];
  #current: T | undefined;
  #next = 0;
  /** Where the present one ends. Reading behind an array's end for every row would be slow. */
  #end: number;

  constructor(receipts: readonly T[]) {
    this.#receipts = receipts;
    this.#end = offsetOf(receipts, 0);
  }

  at(offset: number): T | undefined {
    while (this.#end <= offset) {
      this.#current = this.#receipts[this.#next++];
      this.#end = offsetOf(this.#receipts, this.#next);
    }
    return this.#current;
  }

  /** Where the receipt ends that was found last. */
  get end(): number {
    return this.#end;
  }
}

function offsetOf(receipts: readonly { readonly offset: number }[], index: number): number {
  return receipts[index]?.offset ?? Number.POSITIVE_INFINITY;
}
