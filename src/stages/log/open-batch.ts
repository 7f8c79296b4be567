import { combineCrc32 } from '../../utils/crc32-combine.js';
import type { Position } from '../../utils/position.js';
import type { SealedFact, SealReason } from './fact.js';
import type { ReceiptRecord } from './receipt-record.js';

/** The batch that chunks are being added to; where it ends is where the log ends. */
export interface OpenBatch {
  readonly seq: number;
  readonly segment: number;
  /** Bytes [from, to) of the segment. */
  readonly from: number;
  readonly to: number;
  /** Records [first, end) of the segment's index. */
  readonly receipts: readonly [number, number];
  readonly messages: number;
  readonly crc: number;
  readonly receivedAtUs: number;
  readonly position: Position | undefined;
}

/** A batch without messages, beginning there. */
export function emptyBatch(at: {
  readonly seq: number;
  readonly segment: number;
  readonly offset: number;
  readonly receipt: number;
}): OpenBatch {
  return {
    seq: at.seq,
    segment: at.segment,
    from: at.offset,
    to: at.offset,
    receipts: [at.receipt, at.receipt],
    messages: 0,
    crc: 0,
    receivedAtUs: 0,
    position: undefined,
  };
}

/** The batch with one more chunk, which `record` describes. */
export function withChunk(batch: OpenBatch, record: ReceiptRecord, position?: Position): OpenBatch {
  return {
    ...batch,
    to: record.offset + record.length,
    receipts: [batch.receipts[0], batch.receipts[1] + 1],
    messages: batch.messages + record.messages,
    crc: combineCrc32(batch.crc, record.crc, record.length),
    receivedAtUs: record.receivedAtUs,
    position: position ?? batch.position,
  };
}

/** The empty batch behind this one, in its segment or at the start of the next. */
export function batchBehind({ seq, segment, to, receipts }: OpenBatch, isInNextSegment: boolean): OpenBatch {
  if (isInNextSegment) return emptyBatch({ seq: seq + 1, segment: segment + 1, offset: 0, receipt: 0 });
  return emptyBatch({ seq: seq + 1, segment, offset: to, receipt: receipts[1] });
}

/** The batch as a fact. */
export function sealedFact(batch: OpenBatch, by: SealReason): SealedFact {
  const { seq, segment, from, to, messages, crc, receipts, receivedAtUs, position } = batch;
  return {
    fact: 'sealed',
    seq,
    segment,
    from,
    to,
    messages,
    crc,
    receipts,
    received_us: receivedAtUs,
    position,
    by,
  };
}
