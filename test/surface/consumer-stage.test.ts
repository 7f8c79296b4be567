import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { serveHttp } from '../support/http-source.js';
import { startOnNetwork } from '../support/network-fs.js';
import { readFacts } from '../support/stage-files.js';
import { createPrintingBench, printedRows, startRun } from './printed.js';
import { createWritingBench, readWritten } from './written.js';

const TIMEOUT_MS = 20_000;
const FILES = { 'in.ndjson': '{"n":1}\n{"n":2}\n' };
const TWO_ROWS = [{ n: 1 }, { n: 2 }];

/** Loads a file with such a stage; gives the folder of the configuration. */
async function loadWith(stage: object): Promise<string> {
  const bench = await createPrintingBench({ variety: 'file', path: 'in.ndjson', stage }, FILES);
  expect(await bench.rows()).toEqual(TWO_ROWS);
  return bench.folder;
}

/** Runs until the stage has forgotten the messages of the run before, which were loaded. */
async function runUntilPruned(retain: object): Promise<void> {
  const { url } = await serveHttp((_, index) => ({ body: index === 0 ? { n: 1 } : [] }));
  const settings = { variety: 'http', uri: url, poll_interval: '50ms', stage: { retain } };
  const bench = await createPrintingBench(settings);
  expect(await bench.rows('--max-messages', '1')).toEqual([{ n: 1 }]);
  const folder = join(bench.folder, 'stage/trades');
  const cli = startRun(bench);
  const isPruned = async () => (await readFacts(folder)).some(({ fact }) => fact === 'pruned');
  await cli.whileRunning(isPruned, { timeoutMs: 10_000, what: 'pruning' });
  const isGone = async () => (await readdir(join(folder, 'data'))).length === 0;
  await cli.whileRunning(isGone, { timeoutMs: 10_000, what: 'the end of the messages' });
}

/** How many messages there are in each batch of four that come one by one, of 600 bytes each. */
async function batchesOf(thresholds: object): Promise<readonly number[]> {
  const { url } = await serveHttp(({ path }) => {
    const n = Number(path.slice(1));
    return { body: { next: n < 4 ? `/${n + 1}` : null, text: 'x'.repeat(600) } };
  });
  const source = { variety: 'http', uri: `${url}/1`, next: '/next', once: true };
  const bench = await createPrintingBench({
    ...source,
    batch_configuration: { interval: '1h', ...thresholds },
  });
  await bench.rows();
  const { stdout } = await bench.cli(0, 'stage', 'show', 'config.yml', 'trades', '--json');
  return (JSON.parse(stdout) as { batches: { messages: number }[] }).batches.map(({ messages }) => messages);
}

drives('key consumer name', 'the folder of its stage and the name of its table', async () => {
  const bench = await createWritingBench(['{"n":1}'], { name: 'ticks' }, { path: 'out/{table}' });
  await bench.cli(0, 'run', 'config.yml');
  expect(await readdir(join(bench.folder, 'stage'))).toEqual(['ticks']);
  expect(await readWritten(join(bench.folder, 'out/ticks'))).toEqual([{ n: 1 }]);
});

drives('key consumer type', 'it receives rows, which a producer loads', async () => {
  await loadWith({});
});

drives('key consumer variety', 'a file is its source', async () => {
  const bench = await createPrintingBench({ variety: 'file', path: 'in.ndjson' }, FILES);
  expect(await bench.rows()).toEqual(TWO_ROWS);
});

drives('key consumer stage.type', 'the stage keeps rows as Parquet files', async () => {
  const folder = await loadWith({ type: 'parquet' });
  const duckdb = await (await DuckDBInstance.create()).connect();
  const read = await duckdb.runAndReadAll(`SELECT n FROM '${folder}/stage/trades/data/*.parquet' ORDER BY n`);
  expect(read.getRowsJson()).toEqual([['1'], ['2']]);
  duckdb.closeSync();
});

drives('key consumer stage.path', 'the folder that the stages are in', async () => {
  const folder = await loadWith({ path: 'kept/messages' });
  expect(await readWritten(join(folder, 'kept/messages/trades/data'))).toEqual(TWO_ROWS);
  await expect(access(join(folder, 'stage'))).rejects.toMatchObject({ code: 'ENOENT' });
});

drives('key consumer stage.retain.for', 'messages that were loaded go at once, not after a day', async () => {
  await runUntilPruned({ for: '0s' });
});

drives('key consumer stage.retain.bytes', 'of loaded messages none is kept, not a gibibyte', async () => {
  await runUntilPruned({ bytes: '0B' });
});

drives('key consumer stage.max_backlog', 'the source waits while much is not loaded', async () => {
  const { url } = await serveHttp((_, n) => ({ body: { n, text: 'x'.repeat(2000) } }));
  const settings = { variety: 'http', uri: url, poll_interval: '50ms', stage: { max_backlog: '16KiB' } };
  const bench = await createPrintingBench(settings);
  const cli = startRun(bench, '--only', 'trades');
  const hasSaid = (what: string) => () => cli.stderr.includes(what);
  const pause = { timeoutMs: TIMEOUT_MS, what: 'a pause' };
  await cli.whileRunning(hasSaid('wait for producers, and stage.max_backlog is 16 KiB'), pause);
  const loading = startRun(bench, '--only', 'screen');
  await cli.whileRunning(hasSaid('going on'), { timeoutMs: TIMEOUT_MS, what: 'going on' });
  const hasLoaded = () => printedRows(loading).length >= 8;
  await loading.whileRunning(hasLoaded, { timeoutMs: TIMEOUT_MS, what: 'the rows that waited' });
});

drives('key consumer stage.min_free_disk', 'the source waits while less of the disk is free', async () => {
  const settings = { variety: 'file', path: 'in.ndjson', stage: { min_free_disk: '90TiB' } };
  const cli = startRun(await createPrintingBench(settings, FILES));
  const isPaused = () => /paused: .* of the disk are free/.test(cli.stderr);
  await cli.whileRunning(isPaused, { timeoutMs: TIMEOUT_MS, what: 'a pause' });
  expect(printedRows(cli)).toEqual([]);
});

drives('key consumer stage.allow_unsafe_fs', 'a stage on a file system of a network', async () => {
  const stage = { path: 'stage', allow_unsafe_fs: true };
  const bench = await createPrintingBench({ variety: 'file', path: 'in.ndjson', stage }, FILES);
  const cli = startOnNetwork(bench, 'run', 'config.yml', '--no-progress');
  await cli.expectExit(0);
  expect(printedRows(cli)).toEqual(TWO_ROWS);
});

drives('key consumer batch_configuration.size', 'batches of so many messages', async () => {
  expect(await batchesOf({ size: 2 })).toEqual([2, 2]);
});

drives('key consumer batch_configuration.bytes', 'batches of so many bytes', async () => {
  expect(await batchesOf({ bytes: '1KiB' })).toEqual([2, 2]);
});

drives(
  'key consumer batch_configuration.interval',
  'a batch ends so long after its first message',
  async () => {
    const source = await serveHttp((_, n) => ({ body: n === 0 ? { n } : [] }));
    const stage = { type: 'parquet' };
    const settings = { variety: 'http', uri: source.url, poll_interval: '50ms', stage };
    const cli = startRun(
      await createPrintingBench({ ...settings, batch_configuration: { interval: '100ms' } }),
    );
    // Without it the batches of such a stage end after a minute.
    const isPrinted = () => printedRows(cli).length === 1;
    await cli.whileRunning(isPrinted, { timeoutMs: TIMEOUT_MS, what: 'the row of a batch that ended' });
  },
);

drives('key consumer batch_configuration.interval', 'no batch ends by itself within an hour', async () => {
  const source = await serveHttp((_, n) => ({ body: { n } }));
  const batch_configuration = { interval: '1h' };
  const settings = { variety: 'http', uri: source.url, poll_interval: '50ms', batch_configuration };
  const bench = await createPrintingBench(settings);
  const cli = startRun(bench);
  const receivedMs = () => (source.requests.at(-1)?.atMs ?? 0) - (source.requests[0]?.atMs ?? 0);
  await cli.whileRunning(() => receivedMs() > 2000, { timeoutMs: TIMEOUT_MS, what: 'two seconds of rows' });
  cli.signal('SIGTERM');
  await cli.expectExit(0);
  const facts = await readFacts(join(bench.folder, 'stage/trades'));
  expect(facts.filter(({ fact }) => fact === 'sealed')).toMatchObject([{ seq: 1, by: 'flush' }]);
  expect(printedRows(cli).length).toBeGreaterThan(5);
});
