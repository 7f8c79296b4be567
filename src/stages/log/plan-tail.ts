import { crc32 } from 'node:zlib';
import type { ReceiptRecord } from './receipt-record.js';

const NEWLINE = 0x0a;

/** What lies behind a segment's last sealed batch. */
export interface Tail {
  /** Its bytes; the first is byte `from` of the segment. */
  readonly bytes: Buffer;
  readonly from: number;
  /** The intact records behind those of the sealed batches, in order. */
  readonly records: readonly ReceiptRecord[];
  /** The first number that no sealed batch has. */
  readonly nextSeq: number;
  /** What to say of bytes that no record speaks of. */
  readonly receivedAtUs: number;
  /** Whether bytes that no record speaks of may be messages; in all but the newest segment they are leavings. */
  readonly isNewest: boolean;
}

/**
 * Finds the messages in a tail, as the records that its index should have. The index may have been lost in part, or
 * not the index but the bytes, because they are not written in any order:
 *
 * - bytes that agree with their record are kept;
 * - bytes that do not, but have others behind them that do, are kept as they are with the record's checksum, so that
 *   readers find them damaged; so are bytes at the end, unless a zero in them says that they were never written;
 * - of bytes without a record the whole lines are kept, up to the first zero, which no message contains.
 */
export function planTail(tail: Tail): readonly ReceiptRecord[] {
  return new TailPlan(tail).records();
}

class TailPlan {
  readonly #tail: Tail;
  readonly #kept: ReceiptRecord[] = [];
  #at: number;
  #seq: number;

  constructor(tail: Tail) {
    this.#tail = tail;
    this.#at = tail.from;
    this.#seq = tail.nextSeq;
  }

  records(): readonly ReceiptRecord[] {
    const known = this.#knownRecords();
    const lastGood = known.findLastIndex((record) => this.#agrees(record));
    for (const [i, record] of known.entries()) {
      if (i > lastGood && this.#slice(record.offset, record.length).includes(0)) break;
      this.#keepKnown(record);
    }
    if (this.#tail.isNewest) this.#keepLines();
    return this.#kept;
  }

  /** Those that fit behind each other into the tail. */
  #knownRecords(): readonly ReceiptRecord[] {
    const { from, bytes, records, nextSeq } = this.#tail;
    const known: ReceiptRecord[] = [];
    let at = from;
    for (const record of records) {
      const end = record.offset + record.length;
      if (record.seq < nextSeq || record.offset < at || end > from + bytes.length) continue;
      known.push(record);
      at = end;
    }
    return known;
  }

  #keepKnown(record: ReceiptRecord): void {
    if (record.offset > this.#at) this.#keepHole(record.offset);
    this.#seq = Math.max(this.#seq, record.seq);
    this.#keep(record);
  }

  /** Bytes without a record, with intact ones behind them. */
  #keepHole(end: number): void {
    const bytes = this.#slice(this.#at, end - this.#at);
    const isWhole = bytes.at(-1) === NEWLINE && !bytes.includes(0);
    this.#keep({ ...this.#unknown(bytes), crc: isWhole ? crc32(bytes) : ~crc32(bytes) >>> 0 });
  }

  #keepLines(): void {
    const rest = this.#slice(this.#at, this.#tail.from + this.#tail.bytes.length - this.#at);
    const zero = rest.indexOf(0);
    const written = zero < 0 ? rest : rest.subarray(0, zero);
    const lines = written.subarray(0, written.lastIndexOf(NEWLINE) + 1);
    if (lines.length > 0) this.#keep({ ...this.#unknown(lines), crc: crc32(lines) });
  }

  #unknown(bytes: Buffer): Omit<ReceiptRecord, 'crc'> {
    const before = this.#kept.at(-1);
    return {
      offset: this.#at,
      length: bytes.length,
      messages: Math.max(1, countLines(bytes)),
      connection: before?.connection ?? 0,
      receivedAtUs: before?.receivedAtUs ?? this.#tail.receivedAtUs,
      seq: this.#seq,
    };
  }

  #keep(record: ReceiptRecord): void {
    this.#kept.push(record.seq === this.#seq ? record : { ...record, seq: this.#seq });
    this.#at = record.offset + record.length;
  }

  #agrees({ offset, length, crc }: ReceiptRecord): boolean {
    return crc32(this.#slice(offset, length)) === crc;
  }

  #slice(offset: number, length: number): Buffer {
    const start = offset - this.#tail.from;
    return this.#tail.bytes.subarray(start, start + length);
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
