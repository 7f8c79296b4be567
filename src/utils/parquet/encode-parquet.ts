import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column, ColumnTable } from '../columns/column-table.js';
import { columnSource } from './column-source.js';
import { numberStatistics } from './column-statistics.js';
import { declaredSchema, storedSchema } from './parquet-schema.js';

const ROWS_PER_GROUP = 100_000;

/**
 * A table as a Parquet file: row groups of 100,000 rows, Snappy, every column optional. The same table gives the same
 * bytes. A table has at least one column when it has rows.
 *
 * @param metadata the file's key-value metadata
 */
export function encodeParquet(table: ColumnTable, metadata: ReadonlyMap<string, string>): Uint8Array {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: storedSchema(table.columns),
    createdBy: 'socket-el',
    kvMetadata: [...metadata].map(([key, value]) => ({ key, value })),
  });
  parquet.write({ columnData: table.columns.map(columnSource), rowGroupSize: ROWS_PER_GROUP });
  addStatistics(parquet, table.columns);
  parquet.schema = declaredSchema(table.columns);
  parquet.finish();
  return writer.getBytes();
}

function addStatistics({ row_groups: groups }: ParquetWriter, columns: readonly Column[]): void {
  groups.forEach((group, index) => {
    const from = index * ROWS_PER_GROUP;
    group.columns.forEach(({ meta_data: chunk }, i) => {
      const statistics = numberStatistics(columns[i] as Column, from, from + Number(group.num_rows));
      if (chunk !== undefined && statistics !== undefined) chunk.statistics = statistics;
    });
  });
}
