import type { Receipt } from '../stage.js';

/** Bytes of one record of an `.idx` file. */
export const RECEIPT_BYTES = 32;

/** One put chunk: where in the segment it lies and when it was received. */
export interface ReceiptRecord {
  /** First byte within the segment. */
  readonly offset: number;
  readonly length: number;
  readonly messages: number;
  readonly connection: number;
  readonly receivedAtUs: number;
  /** CRC-32 of the batch's bytes up to the end of this chunk. */
  readonly crc: number;
}

/** The record as bytes, little-endian: offset u64, received µs i64, length u32, messages u32, connection u32, crc u32. */
export function encodeReceipt(record: ReceiptRecord): Buffer {
  const bytes = Buffer.allocUnsafe(RECEIPT_BYTES);
  bytes.writeBigUInt64LE(BigInt(record.offset), 0);
  bytes.writeBigInt64LE(BigInt(record.receivedAtUs), 8);
  bytes.writeUInt32LE(record.length, 16);
  bytes.writeUInt32LE(record.messages, 20);
  bytes.writeUInt32LE(record.connection, 24);
  bytes.writeUInt32LE(record.crc, 28);
  return bytes;
}

/** All whole records in `bytes`. */
export function decodeReceipts(bytes: Buffer): readonly ReceiptRecord[] {
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

function decodeReceipt(bytes: Buffer, at: number): ReceiptRecord {
  return {
    offset: Number(bytes.readBigUInt64LE(at)),
    receivedAtUs: Number(bytes.readBigInt64LE(at + 8)),
    length: bytes.readUInt32LE(at + 16),
    messages: bytes.readUInt32LE(at + 20),
    connection: bytes.readUInt32LE(at + 24),
    crc: bytes.readUInt32LE(at + 28),
  };
}
