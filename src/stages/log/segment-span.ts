import type { StageFs } from '../stage-fs.js';
import type { StageLayout } from './layout.js';
import { decodeReceipts, RECEIPT_BYTES } from './receipt-record.js';

/** The batches in a whole segment. */
export interface SegmentSpan {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
}

/** Which batches a segment in `data/` holds, by its index; undefined when the index does not say. */
export async function readSpan(
  fs: StageFs,
  layout: StageLayout,
  segment: number,
): Promise<SegmentSpan | undefined> {
  if (!(await fs.exists(layout.receipts('data', segment)))) return undefined;
  const file = await fs.open(layout.receipts('data', segment), 'read');
  try {
    const end = Math.floor((await file.size()) / RECEIPT_BYTES) * RECEIPT_BYTES;
    const bytes = Buffer.alloc(2 * RECEIPT_BYTES);
    await file.read(bytes.subarray(0, RECEIPT_BYTES), 0);
    await file.read(bytes.subarray(RECEIPT_BYTES), Math.max(0, end - RECEIPT_BYTES));
    const [first, last] = decodeReceipts(bytes);
    if (first === undefined || last === undefined) return undefined;
    return { first: first.seq, last: last.seq, bytes: last.offset + last.length };
  } finally {
    await file.close();
  }
}
