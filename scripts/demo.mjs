import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { readOptions, USAGE } from './chaos/options.mjs';
import { closeAll, watchStopSignals } from './demo-ending.mjs';
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

/**
 * @param {(() => unknown)[]} opened takes what closes the things opened here
 * @param {AbortSignal} signal aborted when the user wants to stop
 */
async function demo(opened, signal) {
  // It needs a package, and those were only just installed.
  const { printResult, printStage } = await import('./demo-report.mjs');
  console.log('Starting PostgreSQL and a local feed …');
  const server = await startPostgres({ version: 'embedded' });
  opened.push(() => server.stop());
  signal.throwIfAborted();
  const feed = await startFeed(SOCKET_EL, RATE);
  opened.push(() => feed.stop());
  signal.throwIfAborted();
  const folder = mkdtempSync(join(tmpdir(), 'socket-el-demo-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  console.log(`PostgreSQL ${server.version} on port ${server.port}, feed at ${feed.url}`);
  await runPipeline(folder, server, feed);
  printStage(join(folder, 'tmp'));
  await printResult(server.url, SCHEMA, ['websocket_1', 'websocket_2']);
}

/**
 * @param {(() => unknown)[]} opened takes what closes the things opened here
 * @param {AbortSignal} signal aborted when the user wants to stop
 * @param {{ seed: number, seconds: number }} options
 */
async function chaos(opened, signal, options) {
  const { runChaos } = await import('./chaos/chaos.mjs');
  const { canRedraw, Screen } = await import('./chaos/screen.mjs');
  console.log('Starting PostgreSQL and a local feed …');
  const screen = new Screen(process.stdout, canRedraw(process.stdout, process.env));
  opened.push(() => screen.end());
  const { isExact } = await runChaos({ ...options, version: 'embedded', screen, signal, opened });
  if (!isExact) throw new Error('expected every row exactly once, and every gap on record');
}

/** @param {ReturnType<typeof readOptions>} options */
async function run({ isChaos, ...options }) {
  const opened = [];
  const signal = watchStopSignals();
  const work = async () => {
    await build();
    signal.throwIfAborted();
    await (isChaos ? chaos(opened, signal, options) : demo(opened, signal));
  };
  try {
    await work().finally(() => closeAll(opened));
  } catch (error) {
    // What was stopped may fail in other ways than by the signal.
    const { message, exitCode = 1 } = signal.aborted ? signal.reason : error;
    console.error(`\nThe demo ${signal.aborted ? 'was' : 'failed:'} ${message}`);
    process.exitCode = exitCode;
  }
}

/** @returns {ReturnType<typeof readOptions> | undefined} undefined when they are not understood, which is said */
function optionsOrUsage() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

const options = optionsOrUsage();
if (options !== undefined) await run(options);
