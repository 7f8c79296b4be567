import type { Receipt } from '../producer.js';
import type { LoadedGroup } from './load-transaction.js';

/** What became of a group's messages and rows. */
export function toReceipt({ encoded, entered, mergedRows }: LoadedGroup): Receipt {
  const isEntered = new Set(entered);
  const [fresh, skipped] = [
    encoded.filter(({ parts }) => parts.some((part) => isEntered.has(part))),
    encoded.filter(({ parts }) => !parts.some((part) => isEntered.has(part))),
  ];
  const skippedParts = encoded.flatMap(({ parts }) => parts).filter((part) => !isEntered.has(part));
  const written = sum(entered, (part) => part.loadedRows);
  const deadRows = sum(entered, ({ deadLetters }) => deadLetters.filter(({ isRow }) => isRow).length);
  const discardedRows = sum(entered, (part) => part.discardedRows);
  return {
    messages: sum(encoded, ({ batch }) => batch.messages),
    skippedMessages: sum(skipped, ({ batch }) => batch.messages),
    decodedMessages: sum(fresh, (batch) => batch.decodedMessages),
    ignoredMessages: sum(fresh, (batch) => batch.ignoredMessages),
    deadMessages: sum(fresh, (batch) => batch.deadMessages),
    rows: written + deadRows + discardedRows,
    fastRows: sum(fresh, (batch) => batch.fastRows),
    loadedRows: written - mergedRows,
    deadRows,
    discardedRows,
    mergedRows,
    skippedRows: sum(skippedParts, (part) => part.loadedRows),
  };
}

/** What became of no batch. */
export const NOTHING: Receipt = toReceipt({ encoded: [], entered: [], mergedRows: 0 });

/** What became of two groups. */
export function addReceipts(a: Receipt, b: Receipt): Receipt {
  const names = Object.keys(a) as (keyof Receipt)[];
  const sums = names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]);
  return Object.fromEntries(sums) as unknown as Receipt;
}

function sum<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((total, item) => total + amountOf(item), 0);
}
