// Writing and reading trades as Parquet: our encoder (hyparquet-writer) and reader (hyparquet) beside parquetjs-lite.
// Usage: npm run build && node bench/parquet.mjs [rows]; prints medians of five rounds with minimum and maximum.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { trades } from '../dist/feed/trades.js';
import { decodeColumns } from '../dist/stages/columns/decode-columns.js';
import { encodeParquet } from '../dist/stages/parquet/encode-parquet.js';
import { readParquet } from '../dist/stages/parquet/read-parquet.js';
import { spreadOf } from './harness/statistics.mjs';
import { readParquetjs, writeParquetjs } from './references/parquetjs.mjs';

const ROUNDS = 5;
const ROWS = Number(process.argv[2] ?? 200_000);
const SETTINGS = { decode: 'json', include: {}, ignore: [], rename: {}, columns: {}, metadata: [] };
const NO_METADATA = new Map();

/** @param {number} count */
function makeMessages(count) {
  const source = trades(7, 'binance');
  return Array.from({ length: count }, () => source.next().value);
}

/** @param {string[]} messages */
function toContent(messages) {
  return { bytes: Buffer.from(`${messages.join('\n')}\n`), receipts: [] };
}

/** @param {string} path */
async function readOurs(path) {
  const { buffer } = new Uint8Array(readFileSync(path));
  const source = { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
  let rows = 0;
  for await (const group of readParquet(source)) rows += group.rows.length;
  return rows;
}

/**
 * One after the other in each round, so that a busy moment of the machine is not one's alone.
 *
 * @param {Record<string, () => unknown>} contenders each returns, if anything, the number of rows it saw
 */
async function compare(contenders) {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) times[name].push(await timed(name, run));
  }
  for (const [name, all] of Object.entries(times)) print(name, all);
}

/**
 * @param {string} name
 * @param {() => unknown} run
 */
async function timed(name, run) {
  const start = performance.now();
  const rows = await run();
  const ms = performance.now() - start;
  if (rows !== undefined && rows !== ROWS) throw new Error(`${name}: expected ${ROWS} rows, got ${rows}`);
  return ms;
}

/**
 * @param {string} name
 * @param {number[]} times
 */
function print(name, times) {
  const { min, median, max } = spreadOf(times.map(Math.round));
  console.log(`${name.padEnd(58)} ${String(median).padStart(6)} ms (${min}-${max})`);
}

/** @param {string} path */
function printSize(path, name) {
  console.log(`${name.padEnd(58)} ${(statSync(path).size / 1e6).toFixed(2).padStart(6)} MB`);
}

/** @param {string} path */
async function tryTheirs(path) {
  const outcome = await readParquetjs(path).then(
    (rows) => `read ${rows} rows`,
    (error) => `failed with: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`,
  );
  console.log(`parquetjs-lite on our file: ${outcome}`);
}

/** @param {string} folder */
async function main(folder) {
  const [ours, theirs] = [join(folder, 'ours.parquet'), join(folder, 'theirs.parquet')];
  const messages = makeMessages(ROWS);
  const content = toContent(messages);
  const rows = messages.map((message) => JSON.parse(message));
  const table = decodeColumns([content], SETTINGS, []);
  console.log(
    `${ROWS} rows of ${table.columns.length} columns, ${(content.bytes.length / 1e6).toFixed(1)} MB of JSON`,
  );
  console.log(`Node ${process.version}, ${cpus()[0].model}\n`);
  await compare({
    'decode messages into column arrays': () => decodeColumns([content], SETTINGS, []).rows,
    'decode and write': () =>
      writeFileSync(ours, encodeParquet(decodeColumns([content], SETTINGS, []), NO_METADATA)),
    'write, hyparquet-writer from column arrays': () =>
      writeFileSync(ours, encodeParquet(table, NO_METADATA)),
    'write, parquetjs-lite from row objects': () => writeParquetjs(theirs, rows),
    'read into rows, hyparquet, our file': () => readOurs(ours),
    'read into rows, hyparquet, file of parquetjs-lite': () => readOurs(theirs),
    'read into rows, parquetjs-lite, its own file': () => readParquetjs(theirs),
  });
  printSize(ours, 'size, ours');
  printSize(theirs, 'size, parquetjs-lite');
  await tryTheirs(ours);
}

const folder = mkdtempSync(join(tmpdir(), 'socket-el-bench-'));
try {
  await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
