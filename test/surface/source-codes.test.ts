import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { serveHttp } from '../support/http-source.js';
import { startFeed } from '../support/live-feed.js';
import { createPrintingBench } from './printed.js';

const FILE = { variety: 'file', path: 'in.ndjson' };
/** Nothing listens on the port `discard`. */
const NOBODY = 'ws://127.0.0.1:9/trades';

drives('code row.malformed', 'a message that is no JSON', async () => {
  const bench = await createPrintingBench(FILE, { 'in.ndjson': '{"a":1}\nnot json\n{"a":2}\n' });
  const { stdout, stderr } = await bench.cli(0, 'run', 'config.yml', '--no-progress');
  expect(stdout).toBe('{"a":1}\n{"a":2}\n');
  expect(stderr).toMatch(/dead letter, message 2 of batch 1 of trades: .*\[row\.malformed\]/);
});

drives('code source.file', 'a file that is not there', async () => {
  const bench = await createPrintingBench(FILE);
  const { stderr } = await bench.cli(1, 'run', 'config.yml');
  expect(stderr).toMatch(/error: trades: failed: .*in\.ndjson.* \[source\.file\]/);
});

drives('code source.position_lost', 'a file that is another one than before', async () => {
  const bench = await createPrintingBench(FILE, { 'in.ndjson': '{"a":1}\n{"a":2}\n' });
  await bench.rows();
  await rm(join(bench.folder, 'in.ndjson'));
  await writeFile(join(bench.folder, 'in.ndjson'), '{"b":1}\n');
  const { stderr } = await bench.cli(1, 'run', 'config.yml');
  expect(stderr).toMatch(/error: trades: failed: .*\[source\.position_lost\]/);
});

drives('code source.refused', 'an answer after which asking again would not help', async () => {
  const source = await serveHttp(() => ({ status: 403, body: {} }));
  const bench = await createPrintingBench({ variety: 'http', uri: source.url });
  const { stderr } = await bench.cli(1, 'run', 'config.yml');
  expect(stderr).toMatch(/error: trades: failed: .*403.* \[source\.refused\]/);
  expect(source.requests).toHaveLength(1);
});

drives('code source.connection', 'a server that is not there, asked again', async () => {
  const bench = await createPrintingBench({ variety: 'socket', uri: NOBODY, reconnect: { initial: '10ms' } });
  const cli = bench.start('run', 'config.yml');
  const isSaid = () =>
    /warn: trades: .*ECONNREFUSED.*; trying again in \d+ ms {2}\[source\.connection\]/.test(cli.stderr);
  await cli.whileRunning(isSaid, { timeoutMs: 20_000, what: 'a connection that is refused' });
});

drives('code source.closed', 'a server that ends the connection, which is made again', async () => {
  const feed = await startFeed();
  await feed.openLive('/live', { seed: 1, rate: 100 });
  const bench = await createPrintingBench({
    variety: 'socket',
    uri: feed.uri('/live'),
    reconnect: { initial: '10ms' },
  });
  const cli = bench.start('run', 'config.yml');
  await cli.whileRunning(() => cli.stdout.includes('\n'), { timeoutMs: 20_000, what: 'a first row' });
  await feed.drop('/live');
  const isSaid = () => /warn: trades: .*; trying again in \d+ ms {2}\[source\.closed\]/.test(cli.stderr);
  await cli.whileRunning(isSaid, { timeoutMs: 20_000, what: 'the end of the connection' });
  const isBack = async () => (await feed.log('/live')).connections.length === 2;
  await cli.whileRunning(isBack, { timeoutMs: 20_000, what: 'a second connection' });
});
