import { parquetMetadata } from 'hyparquet';

/** How many rows a Parquet file's own metadata gives. @throws Error when the bytes are no whole Parquet file */
export function readRowCount(bytes: Uint8Array): number {
  return Number(parquetMetadata(bytes).num_rows);
}
