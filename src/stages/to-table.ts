import type { Table } from 'apache-arrow';
import { decodeColumns } from '../utils/columns/decode-columns.js';
import { toArrowTable } from '../utils/columns/to-arrow.js';
import type { DecodeSettings } from '../utils/rows/decode-settings.js';
import type { Batch } from './stage.js';

/** The rows of a batch as an Arrow table. */
export async function toTable(batch: Batch, decode: DecodeSettings): Promise<Table> {
  const columns = decodeColumns([await batch.read()], decode, []);
  const metadata = new Map([
    ['stage_id', batch.stageId],
    ['consumer', batch.consumer],
    ['seq', String(batch.seq)],
    ['messages', String(batch.messages)],
  ]);
  return toArrowTable(columns, metadata);
}
