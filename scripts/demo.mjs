import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { startFeed } from './demo-feed.mjs';
import { startPostgres } from './postgres-server.mjs';
import { ROOT } from './root.mjs';
import { runChild } from './run-child.mjs';

const RATE = 5_000;
const DURATION = '8s';
const SCHEMA = 'demo';
const SOCKET_EL = join(ROOT, 'bin/socket-el.js');

/** @param {string} feedUrl */
function configFor(feedUrl) {
  return `runners:
  - name: websocket_1
    variety: socket
    type: consumer
    uri: ${feedUrl}/trades/binance
    stage: {type: local, path: 'tmp'}
    batch_configuration: {size: 1000}
  - name: websocket_2
    variety: socket
    type: consumer
    uri: ${feedUrl}/trades/huobi
    stage: {type: local, path: 'tmp'}
    batch_configuration: {size: 1000}
  - name: postgres
    variety: postgres
    depends_on: [websocket_1, websocket_2]
    type: producer
    profile: postgres
`;
}

/** @param {import('./postgres-server.mjs').PostgresServer} server */
function profileFor({ user, password, database, host, port }) {
  return `postgres: ${JSON.stringify({ user, password, database, host, port, schema: SCHEMA })}\n`;
}

/**
 * @param {string} folder
 * @param {import('./postgres-server.mjs').PostgresServer} server
 * @param {{ url: string }} feed
 */
async function runPipeline(folder, server, feed) {
  const config = configFor(feed.url);
  writeFileSync(join(folder, 'config.yml'), config);
  writeFileSync(join(folder, 'profile.yml'), profileFor(server), { mode: 0o600 });
  const args = ['run', 'config.yml', '--profile-file', 'profile.yml', '--for', DURATION];
  console.log(`\n${join(folder, 'config.yml')}:\n\n${config}\n$ socket-el ${args.join(' ')}\n`);
  const exitCode = await runChild(process.execPath, [SOCKET_EL, ...args], { cwd: folder });
  if (exitCode !== 0) throw new Error(`socket-el run: expected exit code 0, got ${exitCode}`);
}

/** Closes everything that was opened, backwards; the first error does not keep the rest open. */
async function closeAll(opened) {
  const results = [];
  for (const close of opened.reverse()) results.push(...(await Promise.allSettled([close()])));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * @param {(() => unknown)[]} opened takes what closes the things opened here
 * @param {() => void} checkStop throws when the user wants to stop
 */
async function demo(opened, checkStop) {
  await build();
  // It needs a package, and those were only just installed.
  const { printResult, printStage } = await import('./demo-report.mjs');
  checkStop();
  console.log('Starting PostgreSQL and a local feed …');
  const server = await startPostgres({ version: 'embedded' });
  opened.push(() => server.stop());
  checkStop();
  const feed = await startFeed(SOCKET_EL, RATE);
  opened.push(() => feed.stop());
  checkStop();
  const folder = mkdtempSync(join(tmpdir(), 'socket-el-demo-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  console.log(`PostgreSQL ${server.version} on port ${server.port}, feed at ${feed.url}`);
  await runPipeline(folder, server, feed);
  printStage(join(folder, 'tmp'));
  await printResult(server.url, SCHEMA, ['websocket_1', 'websocket_2']);
}

/** While a child runs in the foreground the signal goes to it; otherwise the demo ends after the step in hand. */
function watchStopSignals() {
  let stoppedBy;
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (stoppedBy = signal));
  return () => {
    if (stoppedBy !== undefined) throw new Error(`stopped by ${stoppedBy}`);
  };
}

async function main() {
  const opened = [];
  const checkStop = watchStopSignals();
  try {
    await demo(opened, checkStop).finally(() => closeAll(opened));
  } catch (error) {
    console.error(`\nThe demo failed: ${error.message}`);
    process.exitCode = 1;
  }
}

await main();
