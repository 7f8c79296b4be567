import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { serveHttp } from '../support/http-source.js';
import { createPipelineBench, type PipelineBench } from '../support/pipeline-bench.js';
import { serveSocket } from '../support/socket-source.js';
import { createPrintingBench } from './printed.js';

const PAGES = [1, 2, 3].map((n) => ({ rows: [{ n }], next: n < 3 ? '/more' : null }));
const FILES = { 'in.ndjson': '{"n":1}\n' };
const TRADES = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' };

/** A pipeline of a source that has three pages once, each of which becomes a batch. */
async function createBench(settings: object = {}): Promise<PipelineBench> {
  const { url } = await serveHttp((_, index) => ({ body: PAGES[index] ?? [] }));
  const source = { variety: 'http', uri: url, next: '/next', once: true, records: '/rows' };
  return createPrintingBench({ ...source, batch_configuration: { size: 1, interval: '1h' }, ...settings });
}

/** Three batches of a row each, 99 bytes in all, which wait for their producer. */
async function createWaiting(): Promise<PipelineBench> {
  const bench = await createBench();
  await bench.cli(0, 'run', 'config.yml', '--only', 'trades', '--no-progress');
  return bench;
}

/** The same, loaded. */
async function createLoaded(settings: object = {}): Promise<PipelineBench> {
  const bench = await createBench(settings);
  expect(await bench.rows()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  return bench;
}

/** What a verb of `stage` prints that ends with 0. */
async function printed(bench: PipelineBench, verb: string, ...args: readonly string[]): Promise<string> {
  return (await bench.cli(0, 'stage', verb, 'config.yml', ...args)).stdout;
}

const dataOf = ({ folder }: PipelineBench): string => join(folder, 'stage/trades/data');

drives('verb stage ls', 'how much is staged, and how far its producer is', async () => {
  const stdout = await printed(await createWaiting(), 'ls');
  expect(stdout).toMatch(/^trades +1-3 +99 B +- +screen +0 +3 +99 B$/m);
});

drives('flag stage ls --json', 'one document', async () => {
  expect(JSON.parse(await printed(await createWaiting(), 'ls', '--json'))).toMatchObject([
    { consumer: 'trades', first: 1, last: 3, readers: [{ name: 'screen', waiting_batches: 3 }] },
  ]);
});

drives('verb stage show', 'one stage, its readers and its batches', async () => {
  const stdout = await printed(await createWaiting(), 'show', 'trades');
  expect(stdout).toMatch(/^stage of trades, id [\s\S]*^3 messages, 99 B ever staged[\s\S]*^screen +0 +3 /m);
  expect(stdout.match(/^ +[123] +1 +3[14] +1 +20/gm)).toHaveLength(3);
});

drives('flag stage show --batch', 'the messages of one batch as they were received', async () => {
  expect(await printed(await createWaiting(), 'show', 'trades', '--batch', '2')).toBe(
    `${JSON.stringify(PAGES[1])}\n`,
  );
});

drives('flag stage show --last', 'no more batches than that, the last ones', async () => {
  const stdout = await printed(await createWaiting(), 'show', 'trades', '--last', '2');
  const [, table = ''] = stdout.split(/^batch .*$/m);
  expect(table.match(/^ *\d+/gm)?.map(Number)).toEqual([2, 3]);
});

drives('flag stage show --json', 'one document', async () => {
  expect(JSON.parse(await printed(await createWaiting(), 'show', 'trades', '--json'))).toMatchObject({
    total_messages: 3,
    batches: [{ seq: 1, messages: 1 }, { seq: 2 }, { seq: 3 }],
  });
});

drives('verb stage verify', 'a changed byte is found', async () => {
  const bench = await createWaiting();
  const [segment = ''] = (await readdir(dataOf(bench))).filter((name) => name.endsWith('.ndjson'));
  const path = join(dataOf(bench), segment);
  await writeFile(path, (await readFile(path, 'utf8')).replace('2', '7'));
  const { stdout } = await bench.cli(1, 'stage', 'verify', 'config.yml');
  expect(stdout).toMatch(/^trades: 3 batches, .* 1 damaged:\n {2}batch 2 of trades: its bytes are not those/);
});

drives('flag stage verify --json', 'one document', async () => {
  expect(JSON.parse(await printed(await createWaiting(), 'verify', '--json'))).toEqual([
    { consumer: 'trades', batches: 3, messages: 3, parquet_files: 0, damage: [] },
  ]);
});

/** A stage of two messages with a connection that was lost between them. */
async function createGap(): Promise<PipelineBench> {
  const { uri } = await serveSocket((socket, index) => {
    socket.send(`{"n":${index}}`);
    if (index === 0) socket.close(1011, 'moving');
  });
  const bench = await createPrintingBench({ variety: 'socket', uri, reconnect: { initial: '10ms' } });
  expect(await bench.rows('--max-messages', '2')).toEqual([{ n: 0 }, { n: 1 }]);
  return bench;
}

drives('verb stage gaps', 'when a source was not received, and why', async () => {
  const stdout = await printed(await createGap(), 'gaps');
  expect(stdout).toMatch(/^consumer .*\ntrades +20\S+Z +20\S+Z +[\d.]+ +.*1011.*\n$/);
});

drives('flag stage gaps --json', 'one document', async () => {
  const gaps = JSON.parse(await printed(await createGap(), 'gaps', '--json')) as {
    from: string;
    to: string;
  }[];
  expect(gaps).toMatchObject([{ consumer: 'trades', reason: expect.stringContaining('1011') }]);
  expect(gaps.every(({ from, to }) => from < to)).toBe(true);
});

drives('verb stage prune', 'what was loaded goes at once', async () => {
  const bench = await createLoaded();
  expect(await readdir(dataOf(bench))).not.toEqual([]);
  await printed(bench, 'prune');
  expect(await readdir(dataOf(bench))).toEqual([]);
});

drives('flag stage prune --parquet', 'Parquet files of what was loaded go too', async () => {
  const bench = await createLoaded({ stage: { type: 'parquet' } });
  expect((await readdir(dataOf(bench))).join(' ')).toContain('.parquet');
  await printed(bench, 'prune', '--parquet');
  expect(await readdir(dataOf(bench))).toEqual([]);
});

drives('flag stage prune --json', 'one document', async () => {
  expect(JSON.parse(await printed(await createLoaded(), 'prune', '--json'))).toEqual([
    { consumer: 'trades', batches: 3, bytes: 99 },
  ]);
});

/** Two stages that were loaded by `screen`, which is no longer in the configuration. */
async function createLeft(): Promise<PipelineBench> {
  const consumers = [TRADES, { ...TRADES, name: 'quotes' }];
  const screen = { name: 'screen', type: 'producer', variety: 'console', depends_on: ['trades', 'quotes'] };
  const bench = await createPipelineBench({ config: { runners: [...consumers, screen] }, files: FILES });
  await bench.rows();
  await writeFile(join(bench.folder, 'config.yml'), JSON.stringify({ runners: consumers }));
  return bench;
}

/** The stages that have a cursor of `screen`. */
async function stagesOfScreen(bench: PipelineBench): Promise<readonly string[]> {
  const stages = JSON.parse(await printed(bench, 'ls', '--json')) as {
    consumer: string;
    readers: { name: string }[];
  }[];
  const ofScreen = stages.filter(({ readers }) => readers.some(({ name }) => name === 'screen'));
  return ofScreen.map(({ consumer }) => consumer);
}

drives('verb stage forget', 'a producer that is gone is no reader any more', async () => {
  const bench = await createLeft();
  expect(await stagesOfScreen(bench)).toEqual(['trades', 'quotes']);
  await printed(bench, 'forget', 'screen');
  expect(await stagesOfScreen(bench)).toEqual([]);
});

drives('flag stage forget --consumer', 'it stays a reader of other stages', async () => {
  const bench = await createLeft();
  await printed(bench, 'forget', 'screen', '--consumer', 'quotes');
  expect(await stagesOfScreen(bench)).toEqual(['trades']);
});

drives('flag stage forget --json', 'one document', async () => {
  expect(JSON.parse(await printed(await createLeft(), 'forget', 'screen', '--json'))).toEqual({
    producer: 'screen',
    consumers: ['trades', 'quotes'],
  });
});

/** The id that the stage has now. */
async function idOf(bench: PipelineBench): Promise<string> {
  const { id } = JSON.parse(await printed(bench, 'show', 'trades', '--json')) as { id: string };
  return id;
}

drives('verb stage rekey', 'the stage has an identity of its own', async () => {
  const bench = await createWaiting();
  const before = await idOf(bench);
  await printed(bench, 'rekey', 'trades');
  expect(await idOf(bench)).toMatch(/^[\da-f-]{36}$/);
  expect(await idOf(bench)).not.toBe(before);
});

drives('flag stage rekey --after', 'what the original loads until there is not loaded again', async () => {
  const bench = await createLoaded();
  await printed(bench, 'replay', 'screen', '--from', '2');
  await printed(bench, 'rekey', 'trades', '--after', '2');
  expect(await bench.rows()).toEqual([{ n: 3 }]);
});

drives('flag stage rekey --json', 'one document', async () => {
  const bench = await createLoaded();
  const before = await idOf(bench);
  const answer = JSON.parse(await printed(bench, 'rekey', 'trades', '--json'));
  expect(answer).toEqual({ consumer: 'trades', id: await idOf(bench), before, after: 3 });
});
