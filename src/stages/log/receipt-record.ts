import { crc32 } from 'node:zlib';
import type { Receipt } from '../stage.js';

/** Bytes of one record of an `.idx` file. */
export const RECEIPT_BYTES = 48;

const CHECKED_BYTES = RECEIPT_BYTES - 4;
const HIGH = 2 ** 32;

/** One put chunk: where in the segment it lies, which batch it belongs to, and when it was received. */
export interface ReceiptRecord {
  /** First byte within the segment. */
  readonly offset: number;
  readonly length: number;
  readonly messages: number;
  readonly connection: number;
  readonly receivedAtUs: number;
  /** The batch that the chunk is, or will be, sealed in. */
  readonly seq: number;
  /** CRC-32 of the chunk's bytes. */
  readonly crc: number;
}

/**
 * The record as bytes, little-endian: offset u64, received µs u64, seq u64, length u32, messages u32, connection u32,
 * crc u32, zero u32, and the CRC-32 of all this u32.
 */
export function encodeReceipt(record: ReceiptRecord): Buffer {
  const bytes = Buffer.allocUnsafe(RECEIPT_BYTES);
  writeUInt64(bytes, record.offset, 0);
  writeUInt64(bytes, record.receivedAtUs, 8);
  writeUInt64(bytes, record.seq, 16);
  bytes.writeUInt32LE(record.length, 24);
  bytes.writeUInt32LE(record.messages, 28);
  bytes.writeUInt32LE(record.connection, 32);
  bytes.writeUInt32LE(record.crc, 36);
  bytes.writeUInt32LE(0, 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return bytes;
}

/** All whole records in `bytes`; undefined in the place of one that is damaged. */
export function decodeReceipts(bytes: Buffer): readonly (ReceiptRecord | undefined)[] {
  return Array.from({ length: Math.floor(bytes.length / RECEIPT_BYTES) }, (_, i) =>
    decodeReceipt(bytes, i * RECEIPT_BYTES),
  );
}

/** The records of a batch that begins at byte `from` of its segment, as its readers see them. */
export function toReceipts(records: readonly ReceiptRecord[], from: number): readonly Receipt[] {
  return records.map(({ offset, receivedAtUs, connection }) => ({
    offset: offset - from,
    receivedAtUs,
    connection,
  }));
}

function decodeReceipt(bytes: Buffer, at: number): ReceiptRecord | undefined {
  const check = bytes.readUInt32LE(at + CHECKED_BYTES);
  if (crc32(bytes.subarray(at, at + CHECKED_BYTES)) !== check) return undefined;
  return {
    offset: readUInt64(bytes, at),
    receivedAtUs: readUInt64(bytes, at + 8),
    seq: readUInt64(bytes, at + 16),
    length: bytes.readUInt32LE(at + 24),
    messages: bytes.readUInt32LE(at + 28),
    connection: bytes.readUInt32LE(at + 32),
    crc: bytes.readUInt32LE(at + 36),
  };
}

/** Node's own 64-bit calls make a BigInt each. */
function writeUInt64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % HIGH, at);
  bytes.writeUInt32LE(Math.floor(value / HIGH), at + 4);
}

function readUInt64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * HIGH;
}
