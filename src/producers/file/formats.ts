import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { csvText } from './csv-text.js';
import type { RowGroup } from './row-group.js';
import type { FileSettings } from './settings.js';

/** What makes a file of rows. The same rows give the same bytes. */
type Encode = (rows: RowGroup, decode: DecodeSettings) => Promise<string | Uint8Array>;

/** By format; its name is also the end of the files' names. */
export const FORMATS: Readonly<Record<FileSettings['format'], Encode>> = {
  ndjson: async (rows) => rows.toText(),
  csv: async (rows) => csvText(rows.lines),
  parquet: encodeRows,
};

async function encodeRows(rows: RowGroup, decode: DecodeSettings): Promise<Uint8Array> {
  const { decodeColumns } = await import('../../utils/columns/decode-columns.js');
  const { encodeParquet } = await import('../../utils/parquet/encode-parquet.js');
  const content = { bytes: Buffer.from(rows.toText()), receipts: rows.receipts };
  const { columns, metadata } = decode;
  const plain = { ...decode, records: undefined, include: {}, ignore: [], rename: {}, columns, metadata };
  return encodeParquet(decodeColumns([content], { ...plain, decode: 'json' }, []), new Map());
}
