import type { StageFs } from '../stage-fs.js';
import type { StageLayout } from './layout.js';
import { decodeReceipts, RECEIPT_BYTES } from './receipt-record.js';

/** The batches in a whole segment, as far as its index says. */
export interface SegmentSpan {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** Which batches a segment in `data/` holds, by the first and the last record of its index. */
export async function readSpan(fs: StageFs, layout: StageLayout, segment: number): Promise<SegmentSpan> {
  if (!(await fs.exists(layout.receipts('data', segment)))) return { first: undefined, last: undefined };
  const file = await fs.open(layout.receipts('data', segment), 'read');
  try {
    const end = Math.floor((await file.size()) / RECEIPT_BYTES) * RECEIPT_BYTES;
    const bytes = Buffer.alloc(2 * RECEIPT_BYTES);
    await file.read(bytes.subarray(0, RECEIPT_BYTES), 0);
    await file.read(bytes.subarray(RECEIPT_BYTES), Math.max(0, end - RECEIPT_BYTES));
    const [first, last] = decodeReceipts(bytes);
    return { first: first?.seq, last: last?.seq };
  } finally {
    await file.close();
  }
}
