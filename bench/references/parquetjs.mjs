import parquetjs from 'parquetjs-lite';

const ROW_GROUP = 100_000;
const TYPES = { number: 'DOUBLE', string: 'UTF8' };
const INTEGERS = new Set(['seq', 'timestamp']);

/** @param {Record<string, unknown>} row */
function schemaOf(row) {
  const fields = Object.entries(row).map(([key, value]) => {
    const type = INTEGERS.has(key) ? 'INT64' : TYPES[typeof value];
    return [key, { type, compression: 'SNAPPY', optional: true }];
  });
  return new parquetjs.ParquetSchema(Object.fromEntries(fields));
}

/**
 * Writes trades as Parquet with parquetjs-lite.
 *
 * @param {string} path
 * @param {readonly Record<string, unknown>[]} rows
 */
export async function writeParquetjs(path, rows) {
  const writer = await parquetjs.ParquetWriter.openFile(schemaOf(rows[0]), path, { rowGroupSize: ROW_GROUP });
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
}

/**
 * Reads a Parquet file with parquetjs-lite.
 *
 * @param {string} path
 * @returns {Promise<number>} the rows in it
 */
export async function readParquetjs(path) {
  const reader = await parquetjs.ParquetReader.openFile(path);
  try {
    const cursor = reader.getCursor();
    let rows = 0;
    while ((await cursor.next()) !== null) rows++;
    return rows;
  } finally {
    await reader.close();
  }
}
