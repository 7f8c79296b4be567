import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BlockedError } from '../../utils/errors.js';
import type { EncodedBatch } from './batch-encoder.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import { quoteIdentifier, quoteTable } from './identifiers.js';
import { copyColumns, type TablePlan } from './table-plan.js';

const SLICE_BYTES = 256 * 1024;
/** Signature, flags and extension length of a binary COPY, and its trailer. PostgreSQL manual, "COPY", "Binary Format". */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);

/**
 * Copies the rows of `group`, which lie encoded in `out`, and checks that the server took as many as were sent.
 * The buffer may be used again when this resolves. After an error the connection must be destroyed.
 */
export async function copyRows(
  client: ClientBase,
  plan: TablePlan,
  group: readonly EncodedBatch[],
  { out, onProgress }: { readonly out: CopyBuffer; readonly onProgress: () => void },
): Promise<void> {
  const sent = group.reduce((sum, { loadedRows }) => sum + loadedRows, 0);
  if (sent === 0) return;
  const columns = copyColumns(plan).map(quoteIdentifier).join(', ');
  const copy = client.query(
    copyFrom(`COPY ${quoteTable(plan.schema, plan.table)} (${columns}) FROM STDIN (FORMAT binary)`),
  );
  await pipeline(
    Readable.from(slices(group, out, onProgress), { objectMode: false, highWaterMark: SLICE_BYTES }),
    copy,
  );
  if (copy.rowCount === sent) return;
  throw new BlockedError({
    code: 'sink.row_count',
    message: `${plan.table}: expected the server to take ${sent} rows, it took ${copy.rowCount}`,
    hint: 'a trigger or rule on the table drops rows; remove it, or load into another table',
  });
}

/** The stream asks for the next slice when the one before has left. */
function* slices(group: readonly EncodedBatch[], out: CopyBuffer, onProgress: () => void): Generator<Buffer> {
  yield HEADER;
  for (const { from, to } of group) {
    for (let at = from; at < to; at += SLICE_BYTES) {
      onProgress();
      yield out.bytes.subarray(at, Math.min(to, at + SLICE_BYTES));
    }
  }
  yield TRAILER;
}
