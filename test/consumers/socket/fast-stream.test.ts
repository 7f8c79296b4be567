import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { socketVariety } from '../../../src/consumers/socket/index.js';
import type { MessageChunk } from '../../../src/stages/stage.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { until } from '../../support/until.js';
import { type Consuming, createConsuming } from '../consuming.js';

const PADDING = 'abcdefghij'.repeat(60);
const message = (n: number) => `{"n":${n},"padding":"${PADDING}"}`;

interface Progress {
  readonly count: number;
  sent: number;
}

type Talk = (socket: WebSocket, stream: Socket) => void;

async function consumeFrom(talk: Talk): Promise<Consuming> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  server.on('connection', (socket, request) => talk(socket, request.socket));
  await once(server, 'listening');
  const uri = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return createConsuming(await createTempFolder(), socketVariety, { uri });
}

/** Sends numbered messages as fast as they are taken, many in a write. */
async function sendNumbered(socket: WebSocket, stream: Socket, progress: Progress): Promise<void> {
  while (progress.sent < progress.count && socket.readyState === socket.OPEN) {
    const end = Math.min(progress.count, progress.sent + 512);
    stream.cork();
    while (progress.sent < end) socket.send(message(progress.sent++));
    stream.uncork();
    while (stream.writableLength > 1_000_000) await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a fast stream is staged byte for byte, more of it than the memory that is used again', async () => {
  const COUNT = 60_000;
  const consuming = await consumeFrom(
    (socket, stream) => void sendNumbered(socket, stream, { count: COUNT, sent: 0 }),
  );
  const done = consuming.run();
  await until(async () => (await consuming.lines()).length === COUNT, { timeoutMs: 25_000, intervalMs: 200 });
  consuming.stop();
  await done;
  const lines = await consuming.lines();
  expect(lines.findIndex((line, n) => line !== message(n))).toBe(-1);
  expect(lines).toHaveLength(COUNT);
});

test('while nobody takes chunks the server is held, and then nothing is missing', async () => {
  const progress = { count: 100_000, sent: 0 };
  const { consumer } = await consumeFrom((socket, stream) => void sendNumbered(socket, stream, progress));
  const stop = new AbortController();
  const chunks = consumer.read?.(stop.signal)[Symbol.asyncIterator]() as AsyncGenerator<MessageChunk>;
  const taken: string[] = [];
  const take = async () => {
    const { value } = await chunks.next();
    taken.push(...Buffer.from(value.bytes).toString().split('\n').slice(0, -1));
  };
  await take();
  const looks: number[] = [];
  const isAtRest = () => looks.push(progress.sent) > 4 && new Set(looks.slice(-4)).size === 1;
  await until(isAtRest, { timeoutMs: 10_000, intervalMs: 100 });
  expect(progress.sent).toBeLessThan(progress.count);
  while (taken.length < progress.count) await take();
  stop.abort();
  await chunks.return(undefined);
  expect(taken.findIndex((line, n) => line !== message(n))).toBe(-1);
});

test('a stop in the middle of a fast stream ends it at once, and what was received by then is kept', async () => {
  const consuming = await consumeFrom(
    (socket, stream) => void sendNumbered(socket, stream, { count: 10_000_000, sent: 0 }),
  );
  const done = consuming.run();
  await until(async () => (await consuming.lines()).length > 1000, { timeoutMs: 10_000 });
  const startedMs = performance.now();
  consuming.stop();
  await done;
  expect(performance.now() - startedMs).toBeLessThan(5000);
  const lines = await consuming.lines();
  expect(lines.findIndex((line, n) => line !== message(n))).toBe(-1);
});
