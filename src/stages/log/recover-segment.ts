import { nowUs } from '../../utils/clock.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import type { SealedFact } from './fact.js';
import { readIndex, replaceRecords } from './index-file.js';
import type { StageLayout } from './layout.js';
import { batchesOf } from './mend.js';
import { planTail } from './plan-tail.js';
import { decodeReceipts, encodeReceipt, type ReceiptRecord } from './receipt-record.js';
import type { WriterState } from './writer-state.js';

/** How to settle a segment. */
export interface SegmentRecovery {
  readonly state: WriterState;
  /** The last batch to keep: of a source that can be read again only those that a reader has passed already. */
  readonly keepThrough: number;
  readonly isNewest: boolean;
}

/**
 * Settles what lies behind a segment's last sealed batch: what is to be kept gets its records in the index, the rest
 * is cut off.
 *
 * @returns the batches to seal; usually one, more when lines of the manifest were lost
 */
export async function recoverSegment(
  fs: StageFs,
  layout: StageLayout,
  segment: number,
  recovery: SegmentRecovery,
): Promise<readonly SealedFact[]> {
  const sealed = recovery.state.sealedEnds.get(segment) ?? { segment, to: 0, receipts: 0 };
  const index = await readIndex(fs, layout, segment);
  const known = decodeReceipts(index.bytes).slice(sealed.receipts);
  const file = await fs.open(layout.segment('open', segment), 'append');
  let records: readonly ReceiptRecord[];
  try {
    const intact = known.filter((record) => record !== undefined);
    records = await keptRecords(file, sealed.to, intact, recovery);
    await cut(file, records.at(-1), sealed.to);
  } finally {
    await file.close();
  }
  await replaceRecords(fs, index, sealed.receipts, records.map(encodeReceipt));
  const numbered = records.map((record, i) => ({ number: sealed.receipts + i, record }));
  return batchesOf(segment, numbered, 'recovered');
}

async function keptRecords(
  file: StageFile,
  from: number,
  records: readonly ReceiptRecord[],
  { state, keepThrough, isNewest }: SegmentRecovery,
): Promise<readonly ReceiptRecord[]> {
  const bytes = Buffer.alloc(Math.max(0, (await file.size()) - from));
  await file.read(bytes, from);
  const { nextSeq, lastReceivedUs = nowUs() } = state;
  const kept = planTail({ bytes, from, records, nextSeq, receivedAtUs: lastReceivedUs, isNewest });
  return kept.filter(({ seq }) => seq <= keepThrough);
}

/** Synced even when nothing is cut: what is kept may only have been in memory. */
async function cut(file: StageFile, last: ReceiptRecord | undefined, sealedTo: number): Promise<void> {
  const end = last === undefined ? sealedTo : last.offset + last.length;
  if ((await file.size()) > end) await file.truncate(end);
  await file.sync();
}
