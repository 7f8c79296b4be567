import { crc32 } from 'node:zlib';
import type { StageFile, StageFs } from '../stage-fs.js';
import type { SealedFact } from './fact.js';
import type { StageLayout } from './layout.js';
import { decodeReceipts, RECEIPT_BYTES, type ReceiptRecord } from './receipt-record.js';
import type { SealedEnd, WriterState } from './writer-state.js';

const NEWLINE = 0x0a;

/**
 * Settles what lies behind a segment's last sealed range. Of a source that can be read again it is cut off; of any
 * other the whole lines are kept, to be sealed as one batch.
 *
 * @returns the batch to seal, when there is one
 */
export async function recoverSegment(
  fs: StageFs,
  layout: StageLayout,
  segment: number,
  { state, replayable }: { readonly state: WriterState; readonly replayable: boolean },
): Promise<SealedFact | undefined> {
  const sealed = sealedEndOf(segment, state);
  const file = await fs.open(layout.segment('open', segment), 'append');
  try {
    await file.sync();
    const tail = replayable ? Buffer.alloc(0) : await readWholeLines(file, sealed.to);
    const keep = sealed.to + tail.length;
    if ((await file.size()) > keep) await file.truncate(keep);
    await file.sync();
    const receipts = await recoverReceipts(fs, layout, sealed, keep);
    return tail.length === 0 ? undefined : recoveredBatch(tail, sealed, receipts, state);
  } finally {
    await file.close();
  }
}

function sealedEndOf(segment: number, state: WriterState): SealedEnd {
  return state.sealedEnds.get(segment) ?? { segment, to: 0, receipts: 0 };
}

async function readWholeLines(file: StageFile, from: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, (await file.size()) - from));
  const length = await file.read(bytes, from);
  return bytes.subarray(0, bytes.subarray(0, length).lastIndexOf(NEWLINE) + 1);
}

/** Cuts the receipts to those of bytes that were kept, and gives the ones behind the sealed range. */
async function recoverReceipts(
  fs: StageFs,
  layout: StageLayout,
  sealed: SealedEnd,
  keep: number,
): Promise<readonly ReceiptRecord[]> {
  // A crash while the segment was being finished may have moved its receipts already.
  const where = (await fs.exists(layout.receipts('data', sealed.segment))) ? 'data' : 'open';
  const file = await fs.open(layout.receipts(where, sealed.segment), 'append');
  try {
    const start = sealed.receipts * RECEIPT_BYTES;
    const bytes = Buffer.alloc(Math.max(0, (await file.size()) - start));
    await file.read(bytes, start);
    const all = decodeReceipts(bytes);
    const kept = all.findIndex((record) => record.length === 0 || record.offset + record.length > keep);
    const records = kept < 0 ? all : all.slice(0, kept);
    await file.truncate(start + records.length * RECEIPT_BYTES);
    await file.sync();
    return records;
  } finally {
    await file.close();
  }
}

function recoveredBatch(
  tail: Buffer,
  sealed: SealedEnd,
  receipts: readonly ReceiptRecord[],
  state: WriterState,
): SealedFact {
  return {
    fact: 'sealed',
    seq: state.nextSeq,
    segment: sealed.segment,
    from: sealed.to,
    to: sealed.to + tail.length,
    messages: countLines(tail),
    crc: crc32(tail),
    receipts: [sealed.receipts, sealed.receipts + receipts.length],
    received_us: receipts.at(-1)?.receivedAtUs ?? state.lastReceivedUs ?? 0,
    by: 'recovered',
  };
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
