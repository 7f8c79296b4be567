// The feed, a process of its own: builds all frames, then prints `{"event":"ready"…}` and serves them to everybody who
// connects. `?count=`, `?rate=` (messages a second; default: as fast as they are taken) and `?close=1` of the address
// say how. Arguments: a shape and the number of its messages.
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { nowMs } from '../harness/clock.mjs';
import { Frames } from './frames.mjs';
import { Sender } from './sender.mjs';
import { SHAPES } from './shapes/index.mjs';

/**
 * @param {string} shape
 * @param {number} count
 */
function* messagesOf(shape, count) {
  const { message } = SHAPES[shape];
  for (let seq = 0; seq < count; seq++) yield message(seq, count);
}

/** @param {Record<string, unknown>} event */
function say(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/**
 * @param {import('ws').WebSocket} webSocket
 * @param {import('node:http').IncomingMessage} request
 * @param {Frames} frames
 */
async function serve(webSocket, request, frames) {
  webSocket.on('error', () => webSocket.terminate());
  const { pathname, searchParams } = new URL(request.url ?? '/', 'ws://feed');
  const [count, rate] = [Number(searchParams.get('count') ?? frames.count), Number(searchParams.get('rate'))];
  const sender = new Sender(request.socket, frames);
  say({ event: 'first', path: pathname, atMs: nowMs() });
  const ticks = [];
  const isWhole =
    rate > 0
      ? await sender.pace(count, rate, (sent, atMs) => ticks.push([sent, atMs]))
      : await sender.flood(count);
  say({ event: 'last', path: pathname, atMs: nowMs(), isWhole, ticks });
  if (searchParams.has('close')) webSocket.close(1000, 'the feed has ended');
}

async function main() {
  const [shape, count] = [process.argv[2], Number(process.argv[3])];
  const frames = new Frames(messagesOf(shape, count), count);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (webSocket, request) => void serve(webSocket, request, frames));
  await once(server, 'listening');
  say({
    event: 'ready',
    url: `ws://127.0.0.1:${server.address().port}`,
    bytes: frames.slice(0, count).length,
  });
}

await main();
