import type { Table } from 'apache-arrow';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import type { Batch } from '../stage.js';
import { decodeColumns } from './decode-columns.js';
import { toArrowTable } from './to-arrow.js';

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
