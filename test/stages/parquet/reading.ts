import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';

/** What DuckDB answers to a query: the types and values of each column by its name. */
export async function queryDuckDb(
  sql: string,
): Promise<ReadonlyMap<string, { type: string; values: readonly DuckDBValue[] }>> {
  const instance = await DuckDBInstance.create(':memory:');
  onTestFinished(() => instance.closeSync());
  const connection = await instance.connect();
  const result = await connection.runAndReadAll(sql);
  const columns = result.getColumns();
  const types = result.columnTypes();
  return new Map(
    result
      .columnNames()
      .map((name, i) => [name, { type: types[i]?.alias ?? String(types[i]), values: columns[i] ?? [] }]),
  );
}

/** The values of each column that DuckDB finds, by name. */
export async function valuesInDuckDb(sql: string): Promise<Record<string, readonly DuckDBValue[]>> {
  return Object.fromEntries([...(await queryDuckDb(sql))].map(([name, { values }]) => [name, values]));
}
