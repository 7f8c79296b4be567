import { DuckDBInstance } from '@duckdb/node-api';
import { SHAPES } from '../feed/shapes/index.mjs';

const COLUMNS = Object.keys(SHAPES.plain.columns).map((name) => `"${name}"`);

/**
 * Compares Parquet files of plain trades by the number of rows and a sum over their contents that knows no order.
 *
 * @param {string} files a pattern
 * @param {string} reference a file with the rows that are expected
 */
export async function assertSameParquet(files, reference) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const [found, expected] = [await contentsOf(connection, files), await contentsOf(connection, reference)];
    if (found !== expected) throw new Error(`${files}: expected ${expected}, found ${found}`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function contentsOf(connection, files) {
  const result = await connection.runAndReadAll(
    `SELECT count(*)::VARCHAR, sum(hash(${COLUMNS}))::VARCHAR FROM read_parquet('${files}')`,
  );
  const [[rows, sum]] = result.getRows();
  return `${rows} rows, sum ${sum}`;
}
