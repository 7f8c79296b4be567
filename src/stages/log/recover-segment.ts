import { nowUs } from '../../utils/clock.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import type { SealedFact } from './fact.js';
import { readIndex, replaceRecords } from './index-file.js';
import type { StageLayout } from './layout.js';
import { batchesOf } from './mend.js';
import { planTail, type Tail } from './plan-tail.js';
import { decodeReceipts, encodeReceipt, type ReceiptRecord } from './receipt-record.js';
import type { SealedEnd, WriterState } from './writer-state.js';

/** How to settle a segment. */
export interface SegmentRecovery {
  readonly where: 'open' | 'data';
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
  const index = await readIndex(fs, layout, segment);
  const all = decodeReceipts(index.bytes);
  const sealed = recovery.state.sealedEnds.get(segment) ?? sealedEndOf(segment, all, recovery.state);
  const known = all.slice(sealed.receipts);
  const file = await fs.open(layout.segment(recovery.where, segment), 'append');
  let records: readonly ReceiptRecord[];
  try {
    const intact = known.filter((record) => record !== undefined);
    const bytes = await readFrom(file, sealed.to);
    records = keptRecords({ bytes, from: sealed.to, records: intact }, recovery);
    await cut(file, sealed.to, bytes.subarray(0, keptBytes(records)));
  } finally {
    await file.close();
  }
  await replaceRecords(fs, index, sealed.receipts, records.map(encodeReceipt));
  const numbered = records.map((record, i) => ({ number: sealed.receipts + i, record }));
  return batchesOf(segment, numbered, 'recovered');
}

/**
 * Of a segment that was whole the manifest keeps no end: its records say which of its batches are sealed. It may lie in
 * `open/` again when a loss of power took its move back.
 */
function sealedEndOf(
  segment: number,
  records: readonly (ReceiptRecord | undefined)[],
  { nextSeq }: WriterState,
): SealedEnd {
  const last = records.findLastIndex((record) => record !== undefined && record.seq < nextSeq);
  const record = records[last];
  if (record === undefined) return { segment, to: 0, receipts: 0 };
  return { segment, to: record.offset + record.length, receipts: last + 1 };
}

function keptRecords(
  tail: Pick<Tail, 'bytes' | 'from' | 'records'>,
  { state, keepThrough, isNewest }: SegmentRecovery,
): readonly ReceiptRecord[] {
  const { nextSeq, lastReceivedUs, openedUs } = state;
  // A time that is too early makes a gap too long, one that is too late hides a part of it.
  const receivedAtUs = lastReceivedUs ?? openedUs ?? nowUs();
  return planTail({ ...tail, nextSeq, receivedAtUs, isNewest }).filter(({ seq }) => seq <= keepThrough);
}

async function readFrom(file: StageFile, from: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, (await file.size()) - from));
  return bytes.subarray(0, await file.read(bytes, from));
}

function keptBytes(records: readonly ReceiptRecord[]): number {
  return records.reduce((sum, { length }) => sum + length, 0);
}

/**
 * Cuts the file behind what is kept. That may only have been in memory, and after a sync that failed a second one would
 * do nothing, so it is written anew.
 */
async function cut(file: StageFile, sealedTo: number, kept: Buffer): Promise<void> {
  const end = sealedTo + kept.length;
  if ((await file.size()) > end) await file.truncate(end);
  if (kept.length > 0) await file.write([kept], sealedTo);
  await file.sync();
}
