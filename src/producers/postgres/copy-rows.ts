import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BlockedError } from '../../utils/errors.js';
import type { EncodedPart } from './batch-encoder.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import { quoteIdentifier } from './identifiers.js';
import type { RowFormat } from './row-format.js';

const SLICE_BYTES = 256 * 1024;
/** Signature, flags and extension length of a binary COPY, and its trailer. PostgreSQL manual, "COPY", "Binary Format". */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);

export type Progress = (patienceMs?: number) => void;

/** A statement over all rows of a table may take so long. */
export const LONG_MS = 3_600_000;

/** Encoded rows of parts, in their buffer. */
export interface EncodedRows {
  readonly parts: readonly Pick<EncodedPart, 'from' | 'to' | 'loadedRows'>[];
  readonly out: CopyBuffer;
  readonly format: RowFormat;
  /** Called when something was sent, or with the milliseconds that the server's next answer may take. */
  readonly onProgress: Progress;
  /** Called when the server takes rows, so that there is time for other work. */
  readonly onSending?: (() => void) | undefined;
}

/** Where rows are copied to. */
export interface CopyTarget {
  /** As statements name it. */
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Copies encoded rows, and checks that the server took as many as were sent.
 * The buffer may be used again when this resolves. After an error the connection must be destroyed.
 */
export async function copyRows(client: ClientBase, target: CopyTarget, rows: EncodedRows): Promise<void> {
  const sent = rows.parts.reduce((sum, { loadedRows }) => sum + loadedRows, 0);
  if (sent === 0) return;
  if (target.columns.length === 0) return insertEmpty(client, target.table, sent);
  const columns = target.columns.map(quoteIdentifier).join(', ');
  const copy = client.query(
    copyFrom(`COPY ${target.table} (${columns}) FROM STDIN (FORMAT ${rows.format.option})`),
  );
  const source = Readable.from(slices(rows), { objectMode: false, highWaterMark: SLICE_BYTES });
  await pipeline(source, copy);
  assertRowCount(target.table, sent, copy.rowCount);
}

/** Rows without any value, for which COPY has no form. */
async function insertEmpty(client: ClientBase, table: string, count: number): Promise<void> {
  const { rowCount } = await client.query(`INSERT INTO ${table} SELECT FROM generate_series(1, ${count})`);
  assertRowCount(table, count, rowCount ?? 0);
}

/** @throws BlockedError when the server took another number of rows than it was sent */
export function assertRowCount(table: string, sent: number, taken: number): void {
  if (taken === sent) return;
  throw new BlockedError({
    code: 'sink.row_count',
    message: `${table}: expected the server to take ${sent} rows, it took ${taken}`,
    hint: 'a trigger or rule on the table drops rows; remove it, or load into another table',
  });
}

/** The stream asks for the next slice when the one before has left. */
function* slices({ parts, out, format, onProgress, onSending }: EncodedRows): Generator<Buffer> {
  const isBinary = format.option === 'binary';
  if (isBinary) yield HEADER;
  for (const { from, to } of parts) {
    for (let at = from; at < to; at += SLICE_BYTES) {
      onProgress();
      onSending?.();
      yield out.bytes.subarray(at, Math.min(to, at + SLICE_BYTES));
    }
  }
  if (isBinary) yield TRAILER;
}
