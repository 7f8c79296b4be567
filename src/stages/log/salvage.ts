import { crc32 } from 'node:zlib';
import { rawLine } from '../../utils/message-buffer.js';
import type { BatchContent, Receipt } from '../stage.js';
import type { SealedFact } from './fact.js';
import type { ReceiptRecord } from './receipt-record.js';

const NEWLINE = 0x0a;

/** A stretch of a batch as it was read. */
interface ReadChunk {
  readonly record: Pick<ReceiptRecord, 'messages' | 'receivedAtUs' | 'connection'>;
  readonly bytes: Buffer;
  readonly isIntact: boolean;
}

/** What is left of a damaged batch. */
export interface Salvaged {
  readonly content: BatchContent;
  /** Messages that became dead letters. */
  readonly damagedMessages: number;
}

/**
 * Puts a damaged batch together from its chunks: intact ones as they are, and in the place of the others dead letters
 * with what was found, so that the number of messages stays what was sealed.
 */
export function salvage(fact: SealedFact, chunks: readonly ReadChunk[]): Salvaged {
  const parts: Buffer[] = [];
  const receipts: Receipt[] = [];
  let offset = 0;
  let damagedMessages = 0;
  for (const { record, bytes, isIntact } of chunks) {
    const part = isIntact ? bytes : deadLines(fact, record.messages, bytes);
    if (!isIntact) damagedMessages += record.messages;
    parts.push(part);
    receipts.push({ offset, receivedAtUs: record.receivedAtUs, connection: record.connection });
    offset += part.length;
  }
  return { content: { bytes: Buffer.concat(parts), receipts }, damagedMessages };
}

/**
 * Cuts what was read of a batch where its records say. Stretches that no record speaks of are damaged chunks too; the
 * first has the messages that the records do not account for.
 *
 * @param bytes what could be read from the batch's start on
 */
export function cutChunks(
  fact: SealedFact,
  bytes: Buffer,
  records: readonly (ReceiptRecord | undefined)[],
): readonly ReadChunk[] {
  const known = records.filter((record) => record !== undefined);
  let missing = fact.messages - known.reduce((sum, { messages }) => sum + messages, 0);
  const chunks: ReadChunk[] = [];
  let at = 0;
  const addUnknown = (to: number) => {
    if (to <= at) return;
    const record = { messages: missing, receivedAtUs: fact.received_us, connection: 0 };
    chunks.push({ record, bytes: bytes.subarray(at, to), isIntact: false });
    missing = 0;
  };
  for (const record of known) {
    const start = record.offset - fact.from;
    addUnknown(start);
    at = start + record.length;
    const part = bytes.subarray(start, at);
    const isIntact = part.length === record.length && crc32(part) === record.crc;
    chunks.push({ record, bytes: part, isIntact });
  }
  addUnknown(fact.to - fact.from);
  return chunks;
}

/** One dead letter a message when the lines can still be told apart, else one for all of them. */
function deadLines(fact: SealedFact, messages: number, found: Buffer): Buffer {
  const lines = splitLines(found);
  const why = `damaged in the stage: batch ${fact.seq}, segment ${fact.segment}`;
  if (lines.length !== messages) return endLine(rawLine(found, why, messages));
  return Buffer.concat(lines.map((line) => endLine(rawLine(line, why))));
}

function endLine(line: Uint8Array): Buffer {
  return Buffer.concat([line, Buffer.of(NEWLINE)]);
}

function splitLines(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0, to = bytes.indexOf(NEWLINE); to >= 0; from = to + 1, to = bytes.indexOf(NEWLINE, from))
    lines.push(bytes.subarray(from, to));
  return lines;
}
