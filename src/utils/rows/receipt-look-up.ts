/** Finds the receipt that covers a byte: the last that does not begin behind it. Bytes are asked for in ascending order. */
export function createReceiptLookUp<T extends { readonly offset: number }>(
  receipts: readonly T[],
): (at: number) => T | undefined {
  let current: T | undefined;
  let next = 0;
  // Reading behind an array's end for every row would be slow.
  let nextOffset = offsetOf(receipts, 0);
  return (at) => {
    while (nextOffset <= at) {
      current = receipts[next++];
      nextOffset = offsetOf(receipts, next);
    }
    return current;
  };
}

function offsetOf(receipts: readonly { readonly offset: number }[], index: number): number {
  return receipts[index]?.offset ?? Number.POSITIVE_INFINITY;
}
