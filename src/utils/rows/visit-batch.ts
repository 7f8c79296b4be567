import { RAW_PREFIX } from '../message-buffer.js';
import { NOT_FAST } from './fast-lane.js';
import { deadReason, type MessageDecoder, type RowVisitor } from './message-decoder.js';
import type { RowCells } from './row-cells.js';

const NEWLINE = 0x0a;
/** To take fewer rows at once than these does not pay. */
const WORTHWHILE_ROWS = 8;
const MOST_WAIT = 512;
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
  /** Rows that the fast lane read, among all of them. */
  fastRows: number;
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
  /**
   * Takes rows from byte `from` on that are like the one before, of which `cells` are; none of them is to be ignored.
   * They begin before byte `to`, and each is loaded.
   *
   * @returns how many, and where the first begins that was not taken
   */
  rows?(cells: RowCells, from: number, to: number): { readonly rows: number; readonly at: number };
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
    fastRows: 0,
  };
}

/** Decodes all messages of a batch. Nothing disappears: each is counted as decoded, ignored or dead. */
export function visitBatch(bytes: Buffer, decoder: MessageDecoder, visitor: BatchVisitor): BatchCounts {
  const visit = new BatchVisit(bytes, decoder, visitor);
  visit.go(bytes.length);
  return visit.counts;
}

/** Goes through a batch, stretch by stretch. */
export class BatchVisit implements RowVisitor {
  readonly counts = noCounts();
  readonly #bytes: Buffer;
  readonly #decoder: MessageDecoder;
  readonly #visitor: BatchVisitor;
  /** Behind the last newline. */
  readonly #end: number;
  #message = 0;
  #at = 0;
  /** The row before, if those that are like it may be taken many at once. */
  #last: RowCells | undefined;
  /** So many messages are taken one by one before many at once are tried again. */
  #wait = 0;
  #nextWait = 1;

  constructor(bytes: Buffer, decoder: MessageDecoder, visitor: BatchVisitor) {
    this.#bytes = bytes;
    this.#decoder = decoder;
    this.#visitor = visitor;
    this.#end = bytes.lastIndexOf(NEWLINE) + 1;
  }

  /** Decodes the next messages, about so many bytes of them. @returns whether there are more */
  go(byteCount: number): boolean {
    const until = Math.min(this.#end, this.#at + byteCount);
    while (this.#at < until) {
      if (this.#last !== undefined && --this.#wait < 0) this.#takeRows(this.#last, until);
      if (this.#at >= until) break;
      this.#message++;
      this.#at = this.#visitNext() + 1;
    }
    return this.#at < this.#end;
  }

  row(cells: RowCells): void {
    if (cells.isFast) this.counts.fastRows++;
    const verdict = this.#visitor.row(cells, this.#at);
    this.#last =
      cells.isFast && verdict === undefined && this.#visitor.rows !== undefined ? cells : undefined;
    if (verdict === undefined) this.counts.loadedRows++;
    else if (verdict === DISCARDED) this.counts.discardedRows++;
    else this.#deadRow(rowBytes(cells), verdict);
  }

  #takeRows(last: RowCells, until: number): void {
    this.#last = undefined;
    const mayBe = !this.#decoder.mayIgnoreLike(last);
    const taken = mayBe ? this.#visitor.rows?.(last, this.#at, until) : undefined;
    const { rows, at } = taken ?? { rows: 0, at: this.#at };
    this.#at = at;
    this.#message += rows;
    this.counts.decodedMessages += rows;
    this.counts.loadedRows += rows;
    this.counts.fastRows += rows;
    // To try costs as much as a few rows.
    this.#nextWait = rows < WORTHWHILE_ROWS ? Math.min(this.#nextWait * 2, MOST_WAIT) : 1;
    this.#wait = this.#nextWait - 1;
  }

  deadRow(start: number, stop: number, reason: string): void {
    this.#deadRow(this.#bytes.subarray(start, stop), reason);
  }

  #deadRow(raw: Buffer, reason: string): void {
    this.counts.deadRows++;
    this.#visitor.setAside({ raw, reason, message: this.#message, isRow: true }, this.#at);
  }

  /** @returns the position of the message's newline */
  #visitNext(): number {
    const isRaw = startsWithRaw(this.#bytes, this.#at);
    const fast = isRaw ? NOT_FAST : this.#visitFast();
    if (fast !== NOT_FAST) return fast;
    const to = this.#bytes.indexOf(NEWLINE, this.#at);
    if (isRaw) this.#visitRaw(to);
    else this.#visitMessage(to);
    return to;
  }

  #visitFast(): number {
    try {
      const to = this.#decoder.decodeFast(this.#bytes, this.#at, this);
      if (to !== NOT_FAST) this.counts.decodedMessages++;
      return to;
    } catch (error) {
      // The general tokenizer says the same of it.
      deadReason(error);
      return NOT_FAST;
    }
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
    const raw = Buffer.from(_raw, 'base64');
    if (this.#decoder.ignoresText(raw)) this.counts.ignoredMessages += _messages;
    else this.#deadMessage(raw, _why, _messages);
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
