// A program of its own: DuckDB writes a Parquet file of an NDJSON file. Arguments: input, output. Prints its time
// without that of its own start.
import { DuckDBInstance } from '@duckdb/node-api';

const [input, output] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create()).connect();
const start = performance.now();
await connection.run(
  `COPY (SELECT * FROM read_json('${input}', format = 'newline_delimited')) TO '${output}' (FORMAT parquet)`,
);
console.log(JSON.stringify({ ms: performance.now() - start }));
