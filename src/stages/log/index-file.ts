import { dirname } from 'node:path';
import type { StageFs } from '../stage-fs.js';
import type { StageLayout } from './layout.js';
import { readIfThere } from './read-whole.js';
import { decodeReceipts, RECEIPT_BYTES, type ReceiptRecord } from './receipt-record.js';

/** The index of a segment wherever it lies; empty when there is none. */
export async function readIndex(
  fs: StageFs,
  layout: StageLayout,
  segment: number,
): Promise<{ readonly path: string; readonly bytes: Buffer }> {
  for (const where of ['data', 'open', 'data'] as const) {
    const path = layout.receipts(where, segment);
    const bytes = await readIfThere(fs, path);
    if (bytes !== undefined) return { path, bytes };
  }
  return { path: layout.receipts('open', segment), bytes: Buffer.alloc(0) };
}

/** The intact records of a segment's index, each with its number. */
export async function readRecords(
  fs: StageFs,
  layout: StageLayout,
  segment: number,
): Promise<readonly { readonly number: number; readonly record: ReceiptRecord }[]> {
  const { bytes } = await readIndex(fs, layout, segment);
  return decodeReceipts(bytes).flatMap((record, number) =>
    record === undefined ? [] : [{ number, record }],
  );
}

/** Replaces an index from record `first` on, so that a crash leaves the old or the new one. */
export async function replaceRecords(
  fs: StageFs,
  { path, bytes }: { readonly path: string; readonly bytes: Buffer },
  first: number,
  records: readonly Buffer[],
): Promise<void> {
  const before = Buffer.alloc(first * RECEIPT_BYTES);
  bytes.copy(before);
  const content = Buffer.concat([before, ...records]);
  const isSame = content.equals(bytes);
  const target = isSame ? path : `${path}.tmp`;
  const file = await fs.open(target, 'append');
  try {
    if (!isSame) await file.truncate(0);
    await file.write([content], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  if (!isSame) await fs.rename(target, path);
  await fs.syncFolder(dirname(path));
}
