import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFeed } from '../demo-feed.mjs';
import { startPostgres } from '../postgres-server.mjs';
import { CuttingProxy } from './cutting-proxy.mjs';
import { NumberedFile } from './numbered-file.mjs';
import { FILE, SOCKET, writePipeline } from './pipeline.mjs';
import { SOCKET_EL } from './socket-el-run.mjs';
import { Witness } from './witness.mjs';

const FEED_RATE = 4_000;
/** Less than the loader could do, so that it is loading most of the time. */
const BYTES_PER_SECOND = 2_200_000;

/**
 * @typedef {object} Stand everything around `socket-el run`
 * @property {string} folder with the configuration; stages and log go there too
 * @property {{ isEvidence: boolean }} kept whether the folder stays
 * @property {import('../postgres-server.mjs').PostgresServer} server
 * @property {CuttingProxy} proxy before the server
 * @property {{ url: string }} feed
 * @property {NumberedFile} file
 * @property {Witness} witness of the socket's stage
 * @property {{ file: string, socket: string }} stages their folders
 */

/**
 * Starts PostgreSQL, a proxy before it and a feed, and writes configuration and profile.
 *
 * @param {object} request
 * @param {number} request.seed
 * @param {'embedded' | undefined} request.version where PostgreSQL's programs come from
 * @param {(() => unknown)[]} request.opened takes what closes the things opened here
 * @param {(at: import('./schedule.mjs').CutPlace) => void} request.onCut
 * @param {AbortSignal} request.signal
 * @returns {Promise<Stand>}
 */
export async function openStand({ seed, version, opened, onCut, signal }) {
  const folder = mkdtempSync(join(tmpdir(), 'socket-el-chaos-'));
  const kept = { isEvidence: false };
  opened.push(() => kept.isEvidence || rmSync(folder, { recursive: true, force: true }));
  const server = await startPostgres({ version });
  opened.push(() => server.stop());
  signal.throwIfAborted();
  const proxy = new CuttingProxy(server, onCut);
  await proxy.listen();
  opened.push(() => proxy.close());
  proxy.bytesPerSecond = BYTES_PER_SECOND;
  const feed = await startFeed(SOCKET_EL, FEED_RATE, seed);
  opened.push(() => feed.stop());
  signal.throwIfAborted();
  const file = new NumberedFile(join(folder, 'trades.ndjson'), seed);
  const stages = { file: join(folder, 'stage', FILE), socket: join(folder, 'stage', SOCKET) };
  const sources = { path: file.path, uri: `${feed.url}/trades/binance` };
  writePipeline(folder, sources, { ...credentialsOf(server), ...proxy.address });
  return { folder, kept, server, proxy, feed, file, stages, witness: new Witness(stages.socket) };
}

function credentialsOf({ user, password, database }) {
  return { user, password, database };
}
