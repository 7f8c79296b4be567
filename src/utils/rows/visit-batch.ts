import { RAW_PREFIX } from '../message-buffer.js';
import { deadReason, type MessageDecoder } from './message-decoder.js';
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
}

/** Takes a batch's rows and dead letters. `at` is the message's first byte in the batch. */
export interface BatchVisitor {
  /** @returns why the row is a dead letter after all; nothing when it is none. `cells` are valid only during the call. */
  row(cells: RowCells, at: number): string | undefined | void;
  /** @param message the message's number in the batch, from 1 */
  setAside(raw: Buffer, reason: string, message: number, at: number): void;
}

/** Decodes all messages of a batch. Nothing disappears: each is counted as decoded, ignored or dead. */
export function visitBatch(bytes: Buffer, decoder: MessageDecoder, visitor: BatchVisitor): BatchCounts {
  const counts: BatchCounts = { decodedMessages: 0, ignoredMessages: 0, deadMessages: 0, loadedRows: 0, deadRows: 0 };
  let message = 0;
  let from = 0;
  const deadRow = (start: number, stop: number, reason: string) => {
    counts.deadRows++;
    visitor.setAside(bytes.subarray(start, stop), reason, message, from);
  };
  const row = (cells: RowCells) => {
    const reason = visitor.row(cells, from);
    if (typeof reason === 'string') deadRow(cells.start, cells.stop, reason);
    else counts.loadedRows++;
  };
  for (let to = bytes.indexOf(NEWLINE); to >= 0; from = to + 1, to = bytes.indexOf(NEWLINE, from)) {
    message++;
    try {
      if (startsWithRaw(bytes, from)) throw new RawMessage(bytes.toString('utf8', from, to));
      const outcome = decoder.decode(bytes, from, to, { row, deadRow });
      counts[outcome === 'ignored' ? 'ignoredMessages' : 'decodedMessages']++;
    } catch (error) {
      counts.deadMessages++;
      const raw = error instanceof RawMessage ? error.raw : bytes.subarray(from, to);
      visitor.setAside(raw, error instanceof RawMessage ? error.message : deadReason(error), message, from);
    }
  }
  return counts;
}

/** A message that was found at receipt to be no JSON document. */
class RawMessage extends Error {
  readonly raw: Buffer;

  constructor(line: string) {
    const { _raw, _why } = JSON.parse(line) as { _raw: string; _why: string };
    super(_why);
    this.raw = Buffer.from(_raw, 'base64');
  }
}

function startsWithRaw(bytes: Buffer, from: number): boolean {
  if (bytes[from + 2] !== RAW_PREFIX_BYTES[2]) return false;
  return bytes.compare(RAW_PREFIX_BYTES, 0, RAW_PREFIX_BYTES.length, from, from + RAW_PREFIX_BYTES.length) === 0;
}
