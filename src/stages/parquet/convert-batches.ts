import { dirname } from 'node:path';
import type { ColumnTable, ColumnTypes } from '../../utils/columns/column-table.js';
import { decodeColumns } from '../../utils/columns/decode-columns.js';
import { SocketElError } from '../../utils/errors.js';
import { encodeParquet } from '../../utils/parquet/encode-parquet.js';
import { readRowCount } from '../../utils/parquet/read-row-count.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { readWhole } from '../log/read-whole.js';
import type { Batch } from '../stage.js';
import type { StageFs } from '../stage-fs.js';

/** What is to be made of some batches. */
export interface ParquetTask {
  /** The Parquet file's absolute path; `.tmp` behind it is the name of a part of it. */
  readonly path: string;
  readonly decode: DecodeSettings;
  /** The types that the last conversion of the stage gave; empty for the first. */
  readonly types: ColumnTypes;
}

/** What was made of them; plain data. */
export interface ConvertedBatches {
  /** The path; undefined when no message had a row, so that there is no file. */
  readonly file: string | undefined;
  readonly rows: number;
  readonly deadRows: number;
  readonly messages: { readonly decoded: number; readonly ignored: number; readonly dead: number };
  /** For the next conversion. */
  readonly types: ColumnTypes;
}

/**
 * Writes successive batches, at least one, as one Parquet file. When it resolves the file is durable under its name;
 * until then there is none of that name, or an older one whole. It may be killed anywhere and done again. Decoding
 * and encoding take the thread for about a second per half a million rows.
 *
 * @throws SocketElError `stage.damaged` when a batch cannot be read, or the file that was written
 */
export async function convertBatches(
  fs: StageFs,
  batches: readonly Batch[],
  task: ParquetTask,
): Promise<ConvertedBatches> {
  const contents = [];
  for (const batch of batches) contents.push(await batch.read());
  const table = decodeColumns(contents, task.decode, task.types);
  const isEmpty = table.rows === 0;
  if (!isEmpty) await writeWhole(fs, task.path, table, originOf(batches));
  return {
    file: isEmpty ? undefined : task.path,
    rows: table.rows,
    deadRows: table.deadRows,
    messages: {
      decoded: table.decodedMessages,
      ignored: table.ignoredMessages,
      dead: table.deadMessages,
    },
    types: table.types,
  };
}

function originOf(batches: readonly Batch[]): ReadonlyMap<string, string> {
  const [first, last] = [batches[0] as Batch, batches.at(-1) as Batch];
  return new Map([
    ['socket_el.stage_id', first.stageId],
    ['socket_el.consumer', first.consumer],
    ['socket_el.from_seq', String(first.seq)],
    ['socket_el.to_seq', String(last.seq)],
  ]);
}

async function writeWhole(
  fs: StageFs,
  path: string,
  table: ColumnTable,
  origin: ReadonlyMap<string, string>,
): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(fs, temporary, encodeParquet(table, origin));
  checkRows(temporary, await readWhole(fs, temporary), table.rows);
  await fs.rename(temporary, path);
  await fs.syncFolder(dirname(path));
}

async function writeFile(fs: StageFs, path: string, bytes: Uint8Array): Promise<void> {
  const file = await fs.open(path, 'append');
  try {
    await file.truncate(0);
    await file.write([bytes], 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

function checkRows(path: string, bytes: Uint8Array, rows: number): void {
  const found = tryRowCount(bytes);
  if (found === rows) return;
  throw new SocketElError(
    {
      code: 'stage.damaged',
      path,
      message: `expected a Parquet file of ${rows} rows as written, got ${found instanceof Error ? 'no whole one' : found}`,
      hint: 'check the disk; the batches are kept and are converted again',
    },
    { cause: found },
  );
}

function tryRowCount(bytes: Uint8Array): unknown {
  try {
    return readRowCount(bytes);
  } catch (error) {
    return error;
  }
}
