import { RAW_PREFIX } from '../message-buffer.js';
import { deadReason, type MessageDecoder, type RowVisitor } from './message-decoder.js';
import type { RowCells } from './row-cells.js';

const NEWLINE = 0x0a;
const RAW_PREFIX_BYTES = Buffer.from(RAW_PREFIX);

/** What a batch's messages and rows came to. */
export interface BatchCounts {
  decodedMessages: number;
  ignoredMessages: number;
  deadMessages: number;
  /** Rows that the visitor took. */
  loadedRows: number;
  deadRows: number;
  /** Rows that were dropped because the configuration says so. */
  discardedRows: number;
}

/** What is said of a row that is to be dropped and counted. */
export const DISCARDED = Symbol('discarded');

/** What becomes of a row: it was taken, or discarded, or is a dead letter for this reason. */
export type RowVerdict = undefined | typeof DISCARDED | string;

/** A message, or one row of it, that is a dead letter. */
export interface SetAside {
  /** As it was received; a row into which keys were included has those too. */
  readonly raw: Buffer;
  readonly reason: string;
  /** The message's number in the batch, from 1. */
  readonly message: number;
  readonly isRow: boolean;
}

/** Takes a batch's rows and dead letters. `at` is the message's first byte in the batch. */
export interface BatchVisitor {
  /** `cells` are valid only during the call. */
  row(cells: RowCells, at: number): RowVerdict;
  /** @param at the message's first byte in the batch */
  setAside(letter: SetAside, at: number): void;
}

interface RawEnvelope {
  readonly _raw: string;
  readonly _why: string;
  readonly _messages?: number;
}

/** Counts of nothing yet. */
export function noCounts(): BatchCounts {
  return {
    decodedMessages: 0,
    ignoredMessages: 0,
    deadMessages: 0,
    loadedRows: 0,
    deadRows: 0,
    discardedRows: 0,
  };
}

/** Decodes all messages of a batch. Nothing disappears: each is counted as decoded, ignored or dead. */
export function visitBatch(bytes: Buffer, decoder: MessageDecoder, visitor: BatchVisitor): BatchCounts {
  const visit = new BatchVisit(bytes, decoder, visitor);
  visit.visitAll();
  return visit.counts;
}

class BatchVisit implements RowVisitor {
  readonly counts = noCounts();
  readonly #bytes: Buffer;
  readonly #decoder: MessageDecoder;
  readonly #visitor: BatchVisitor;
  #message = 0;
  #at = 0;

  constructor(bytes: Buffer, decoder: MessageDecoder, visitor: BatchVisitor) {
    this.#bytes = bytes;
    this.#decoder = decoder;
    this.#visitor = visitor;
  }

  visitAll(): void {
    const bytes = this.#bytes;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, this.#at)) {
      this.#message++;
      if (startsWithRaw(bytes, this.#at)) this.#visitRaw(to);
      else this.#visitMessage(to);
      this.#at = to + 1;
    }
  }

  row(cells: RowCells): void {
    const verdict = this.#visitor.row(cells, this.#at);
    if (verdict === undefined) this.counts.loadedRows++;
    else if (verdict === DISCARDED) this.counts.discardedRows++;
    else this.#deadRow(rowBytes(cells), verdict);
  }

  deadRow(start: number, stop: number, reason: string): void {
    this.#deadRow(this.#bytes.subarray(start, stop), reason);
  }

  #deadRow(raw: Buffer, reason: string): void {
    this.counts.deadRows++;
    this.#visitor.setAside({ raw, reason, message: this.#message, isRow: true }, this.#at);
  }

  #visitMessage(to: number): void {
    try {
      const outcome = this.#decoder.decode(this.#bytes, this.#at, to, this);
      this.counts[outcome === 'ignored' ? 'ignoredMessages' : 'decodedMessages']++;
    } catch (error) {
      this.#deadMessage(this.#bytes.subarray(this.#at, to), deadReason(error));
    }
  }

  /** A message that was found at receipt to be no JSON document. */
  #visitRaw(to: number): void {
    const envelope = this.#bytes.toString('utf8', this.#at, to);
    const { _raw, _why, _messages = 1 } = JSON.parse(envelope) as RawEnvelope;
    this.#message += _messages - 1;
    this.#deadMessage(Buffer.from(_raw, 'base64'), _why, _messages);
  }

  #deadMessage(raw: Buffer, reason: string, messages = 1): void {
    this.counts.deadMessages += messages;
    this.#visitor.setAside({ raw, reason, message: this.#message, isRow: false }, this.#at);
  }
}

/** A row's own bytes, and when keys of its message were included, all its cells as an object. */
function rowBytes(cells: RowCells): Buffer {
  const { bytes, start, stop } = cells;
  if (!cells.hasIncluded) return bytes.subarray(start, stop);
  const members = cells.keys
    .slice(0, cells.count)
    .map((key, i) => `${JSON.stringify(key)}:${bytes.toString('utf8', cells.starts[i], cells.stops[i])}`);
  return Buffer.from(`{${members.join(',')}}`);
}

function startsWithRaw(bytes: Buffer, from: number): boolean {
  if (bytes[from + 2] !== RAW_PREFIX_BYTES[2]) return false;
  const to = from + RAW_PREFIX_BYTES.length;
  return bytes.compare(RAW_PREFIX_BYTES, 0, RAW_PREFIX_BYTES.length, from, to) === 0;
}
