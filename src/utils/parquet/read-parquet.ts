import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type Compressors, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { VALUE_PARSERS } from './value-parsers.js';

/** The bytes of a Parquet file, whole or read in parts. */
export interface ParquetSource {
  readonly byteLength: number;
  /** The bytes [start, end), to the end of the file without `end`. */
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
}

/** The rows of one row group, each with its values in the order of the columns. */
export interface ParquetRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Beside Snappy, which the reader has itself. */
const DECOMPRESS: Compressors = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
};

/**
 * Reads a Parquet file of any writer, one row group at a time. Values are null, boolean, number, string, a bigint for
 * 64 bits, bytes without a text type as Uint8Array, and arrays and objects of those; instants and days are RFC 3339
 * text in UTC with every digit that was stored, JSON is its text. Decimals are numbers, so long ones are rounded; an
 * empty list of a `repeated` column, which has no list type, is null.
 *
 * @throws Error when the file is damaged or uses a codec other than Snappy, gzip and Brotli
 */
export async function* readParquet(source: ParquetSource): AsyncGenerator<ParquetRows> {
  const metadata = await parquetMetadataAsync(source, { parsers: VALUE_PARSERS });
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    let rows: unknown[][] = [];
    await parquetRead({
      file: source,
      metadata,
      rowStart,
      rowEnd,
      utf8: false,
      compressors: DECOMPRESS,
      parsers: VALUE_PARSERS,
      onComplete: (read) => {
        rows = read;
      },
    });
    yield { columns, rows };
    rowStart = rowEnd;
  }
}
