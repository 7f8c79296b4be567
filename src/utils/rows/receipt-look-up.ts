/** Finds the receipt that covers a byte: the last that does not begin behind it. Bytes are asked for in ascending order. */
export function createReceiptLookUp<T extends { readonly offset: number }>(
  receipts: readonly T[],
): (at: number) => T | undefined {
  let current = -1;
  return (at) => {
    while ((receipts[current + 1]?.offset ?? Number.POSITIVE_INFINITY) <= at) current++;
    return receipts[current];
  };
}
