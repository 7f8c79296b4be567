import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { startFeed } from '../support/live-feed.js';
import { startOnNetwork } from '../support/network-fs.js';
import { attach } from '../support/stage-life.js';
import { createPrintingBench } from './printed.js';

const filePipeline = () =>
  createPrintingBench({ variety: 'file', path: 'in.ndjson' }, { 'in.ndjson': '{"a":1}\n' });

/** A run that receives a stream, and has printed a row of it. */
async function startStream() {
  const feed = await startFeed();
  await feed.openLive('/live', { seed: 1, rate: 500 });
  const settings = { variety: 'socket', uri: feed.uri('/live'), batch_configuration: { interval: '50ms' } };
  const bench = await createPrintingBench(settings);
  const cli = bench.start('run', 'config.yml');
  await cli.whileRunning(() => cli.stdout.includes('\n'), { timeoutMs: 20_000, what: 'a first row' });
  return { bench, cli, stage: join(bench.folder, 'stage/trades') };
}

drives('code stage.missing', 'a stage that was never made', async () => {
  const bench = await filePipeline();
  const { stderr } = await bench.cli(3, 'stage', 'show', 'config.yml', 'trades');
  expect(stderr).toMatch(/stage\/trades.* \[stage\.missing\]/);
});

drives('code stage.damaged', 'an identity that nothing is left to mend from', async () => {
  const bench = await filePipeline();
  await bench.rows();
  const stage = join(bench.folder, 'stage/trades');
  await writeFile(join(stage, 'stage.json'), 'damaged\n');
  for (const name of await readdir(join(stage, 'manifest')))
    await writeFile(join(stage, 'manifest', name), '?\n');
  const { stderr } = await bench.cli(3, 'stage', 'ls', 'config.yml');
  expect(stderr).toMatch(/stage\.json: expected the stage's identity, it is damaged.* \[stage\.damaged\]/);
});

drives('code stage.locked', 'a second run on a stage', async () => {
  const { bench, cli } = await startStream();
  const { stderr } = await bench.cli(3, 'run', 'config.yml');
  expect(stderr).toMatch(new RegExp(`failed: stage of trades: .* process ${cli.pid} .*\\[stage\\.locked\\]`));
});

drives('code stage.removed', 'a stage that is removed while it is written', async () => {
  const { cli, stage } = await startStream();
  await rm(stage, { recursive: true });
  await cli.expectExit(3);
  expect(cli.stderr).toMatch(/error: trades: failed: .*\[stage\.removed\]/);
});

drives('code stage.disk', 'a disk whose syncs fail', async () => {
  const { cli, stage } = await startStream();
  const paths = ['open', 'manifest'].map((name) => join(stage, name));
  const files = await Promise.all(
    paths.map(async (path) => (await readdir(path)).map((name) => join(path, name))),
  );
  await attach(cli.pid, files.flat(), { call: 'fdatasync', nth: '1+', what: 'error=EIO' });
  await cli.expectExit(3);
  expect(cli.stderr).toMatch(/error: trades: failed: .*EIO.*\[stage\.disk\]/);
});

drives('code stage.unsafe', 'a file system of a network', async () => {
  const bench = await filePipeline();
  const cli = startOnNetwork(bench, 'run', 'config.yml');
  await cli.expectExit(3);
  expect(cli.stderr).toMatch(/error: trades: failed: stage\.path: .*got NFS.*\[stage\.unsafe\]/);
});
