import { crc32 } from 'node:zlib';
import type { MessageChunk } from '../stage.js';
import type { SealedFact, SealReason } from './fact.js';
import { batchBehind, emptyBatch, type OpenBatch, sealedFact, withChunk } from './open-batch.js';
import type { ReceiptRecord } from './receipt-record.js';

/** Where a batch ends, and with `roll` its segment too. */
export interface SealMark {
  readonly seal: SealReason;
  readonly roll: boolean;
}

/** What a flush makes durable, in order. */
export type Entry = MessageChunk | SealMark;

/** What one flush appends to one segment. */
export interface LaidPart {
  readonly segment: number;
  readonly chunks: readonly Uint8Array[];
  readonly receipts: readonly ReceiptRecord[];
  readonly sealed: readonly SealedFact[];
  /** Whether the segment ends with it. */
  readonly isLast: boolean;
  /** So many of the entries are in it. */
  readonly count: number;
  /** The open batch behind it. */
  readonly open: OpenBatch;
}

/**
 * Gives chunks their places, from the end of the open batch to the end of its segment or of the entries.
 *
 * @param rollBytes a segment ends with the first batch that reaches so many bytes
 */
export function layOut(start: OpenBatch, entries: readonly Entry[], rollBytes: number): LaidPart {
  const chunks: Uint8Array[] = [];
  const receipts: ReceiptRecord[] = [];
  const sealed: SealedFact[] = [];
  let open = start;
  let count = 0;
  let isLast = false;
  while (count < entries.length && !isLast) {
    const entry = entries[count++] as Entry;
    if ('bytes' in entry) {
      const record = recordOf(entry, open);
      chunks.push(entry.bytes);
      receipts.push(record);
      open = withChunk(open, record, entry.position);
    } else {
      isLast = endsSegment(open, entry, rollBytes);
      if (isBatch(open, entry)) sealed.push(sealedFact(open, entry.seal));
      open = isBatch(open, entry) ? batchBehind(open, isLast) : behindNone(open, isLast);
    }
  }
  return { segment: start.segment, chunks, receipts, sealed, isLast, count, open };
}

/** An empty set is a batch; nothing else that is empty is one. */
function isBatch({ messages }: OpenBatch, { seal }: SealMark): boolean {
  return messages > 0 || seal === 'set';
}

function endsSegment(open: OpenBatch, mark: SealMark, rollBytes: number): boolean {
  return (mark.roll || open.to >= rollBytes) && (open.to > 0 || isBatch(open, mark));
}

function behindNone(open: OpenBatch, isLast: boolean): OpenBatch {
  return isLast ? emptyBatch({ seq: open.seq, segment: open.segment + 1, offset: 0, receipt: 0 }) : open;
}

function recordOf(chunk: MessageChunk, { to, seq }: OpenBatch): ReceiptRecord {
  const { bytes, messages, connection, receivedAtUs } = chunk;
  return { offset: to, length: bytes.length, messages, connection, receivedAtUs, seq, crc: crc32(bytes) };
}
