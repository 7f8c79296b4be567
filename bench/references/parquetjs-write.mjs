// A program of its own: parquetjs-lite writes a Parquet file of an NDJSON file. Arguments: input, output. Prints its time
// without that of its own start.
import { readFileSync } from 'node:fs';
import { writeParquetjs } from './parquetjs.mjs';

const [input, output] = process.argv.slice(2);
const start = performance.now();
const lines = readFileSync(input, 'utf8').split('\n').slice(0, -1);
await writeParquetjs(
  output,
  lines.map((line) => JSON.parse(line)),
);
console.log(JSON.stringify({ ms: performance.now() - start }));
