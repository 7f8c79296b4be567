import { crc32 } from 'node:zlib';
import type { Position } from '../../utils/position.js';
import type { BatchConfiguration, MessageChunk } from '../stage.js';
import type { SealedFact, SealReason } from './fact.js';
import type { ReceiptRecord } from './receipt-record.js';

/** Where in a segment a batch begins. */
export interface BatchStart {
  readonly segment: number;
  readonly offset: number;
  /** The number of its first receipt in the segment's `.idx`. */
  readonly receipt: number;
}

/** The batch that chunks are being added to. */
export class OpenBatch {
  readonly #start: BatchStart;
  #bytes = 0;
  #receipts = 0;
  #crc = 0;
  #receivedAtUs = 0;
  #position: Position | undefined;
  messages = 0;

  constructor(start: BatchStart) {
    this.#start = start;
  }

  /** Where the next chunk goes, and where the next batch would begin. */
  get end(): BatchStart {
    const { segment, offset, receipt } = this.#start;
    return { segment, offset: offset + this.#bytes, receipt: receipt + this.#receipts };
  }

  /** Adds a chunk and gives its receipt. */
  add(chunk: MessageChunk): ReceiptRecord {
    const offset = this.#start.offset + this.#bytes;
    this.#crc = crc32(chunk.bytes, this.#crc);
    this.#bytes += chunk.bytes.length;
    this.#receipts++;
    this.messages += chunk.messages;
    this.#receivedAtUs = chunk.receivedAtUs;
    this.#position = chunk.position ?? this.#position;
    const { messages, connection, receivedAtUs } = chunk;
    return { offset, length: chunk.bytes.length, messages, connection, receivedAtUs, crc: this.#crc };
  }

  /** The threshold that is reached, if one is. */
  isDue(thresholds: BatchConfiguration): 'size' | 'bytes' | undefined {
    if (this.messages >= thresholds.size) return 'size';
    return this.#bytes >= thresholds.bytes ? 'bytes' : undefined;
  }

  /** The batch as a fact. */
  toFact(seq: number, by: SealReason): SealedFact {
    const { segment, offset, receipt } = this.#start;
    return {
      fact: 'sealed',
      seq,
      segment,
      from: offset,
      to: offset + this.#bytes,
      messages: this.messages,
      crc: this.#crc,
      receipts: [receipt, receipt + this.#receipts],
      received_us: this.#receivedAtUs,
      position: this.#position,
      by,
    };
  }
}
