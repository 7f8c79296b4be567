import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { type ConnectOptions, connectInPlace } from '../../../src/consumers/socket/connect-in-place.js';
import { FrameLane } from '../../../src/consumers/socket/frame-lane.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { until } from '../../support/until.js';

interface Client {
  readonly webSocket: WebSocket;
  /** Of each message the length and the first byte, in order; the way it took is not to be seen. */
  readonly heard: string[];
  /** Messages that did not go through `ws`. */
  readonly fast: () => number;
  readonly isEncrypted: () => boolean;
}

async function createHttpServer(isSecure: boolean): Promise<ReturnType<typeof createPlainServer>> {
  if (!isSecure) return createPlainServer();
  const folder = await createTempFolder();
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
  await promisify(execFile)('openssl', [...args, '-keyout', key, '-out', cert]);
  return createTlsServer({ key: await readFile(key), cert: await readFile(cert) });
}

async function startServer(isSecure: boolean, talk: (socket: WebSocket) => void): Promise<string> {
  const http = await createHttpServer(isSecure);
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  sockets.on('connection', talk);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.close();
  });
  return `${isSecure ? 'wss' : 'ws'}://127.0.0.1:${(http.address() as AddressInfo).port}/`;
}

function openClient(uri: string, hasLane: boolean, onRead = (_length: number) => {}): Client {
  let lane: FrameLane | undefined;
  let fast = 0;
  let socket: ReturnType<typeof connectInPlace> | undefined;
  const heard: string[] = [];
  const hear = (bytes: Uint8Array) => heard.push(`${bytes.length} ${bytes[0] ?? ''}`);
  const webSocket = new WebSocket(uri, {
    rejectUnauthorized: false,
    createConnection: (options: ConnectOptions) => {
      socket = connectInPlace(options, uri.startsWith('wss'), (bytes) => {
        onRead(bytes.length);
        return lane?.take(bytes) ?? false;
      });
      return socket;
    },
  } as ClientOptions);
  onTestFinished(() => webSocket.terminate());
  webSocket.on('message', (message) => hear(message as Buffer));
  webSocket.on('open', () => {
    const messages = (read: Uint8Array, bounds: Int32Array, count: number) => {
      fast += count;
      for (let i = 0; i < count; i++) hear(read.subarray(bounds[2 * i], bounds[2 * i + 1]));
    };
    if (hasLane) lane = FrameLane.open(webSocket, socket, { maxBytes: 1_000_000, messages });
  });
  return { webSocket, heard, fast: () => fast, isEncrypted: () => socket instanceof TLSSocket };
}

/** Small ones, some that take several reads, and some in fragments. */
function sendAll(socket: WebSocket): string[] {
  const sent: string[] = [];
  for (let i = 0; i < 6000; i++) {
    const length = i % 500 === 7 ? 200_000 : i % 97;
    const payload = Buffer.alloc(length, i % 256);
    sent.push(`${length} ${payload[0] ?? ''}`);
    if (i % 100 === 3) socket.ping();
    if (i % 250 === 9) {
      socket.send(payload.subarray(0, 5), { fin: false });
      socket.send(payload.subarray(5), { fin: true });
    } else socket.send(payload);
  }
  return sent;
}

test.each([
  [false, true],
  [false, false],
  [true, true],
  [true, false],
])('all messages come in order; encrypted: %j, with a lane: %j', async (isSecure, hasLane) => {
  let sent: string[] | undefined;
  let pongs = 0;
  const uri = await startServer(isSecure, (socket) => {
    socket.on('pong', () => pongs++);
    sent = sendAll(socket);
  });
  const client = openClient(uri, hasLane);
  await until(() => client.heard.length >= 6000 && pongs === 60, { timeoutMs: 10_000 });
  expect(client.heard).toEqual(sent);
  expect(client.isEncrypted()).toBe(isSecure);
  if (hasLane) expect(client.fast()).toBeGreaterThan(1000);
  else expect(client.fast()).toBe(0);
});

test.each([false, true])(
  'a paused connection stops reading, and goes on; encrypted: %j',
  async (isSecure) => {
    let sender: WebSocket | undefined;
    const uri = await startServer(isSecure, (socket) => {
      sender = socket;
      socket.send('first');
    });
    const client = openClient(uri, true);
    await until(() => client.heard.length === 1, { timeoutMs: 5000 });
    client.webSocket.pause();
    for (let i = 0; i < 400; i++) sender?.send(Buffer.alloc(50_000, i % 256));
    await until(() => (sender?.bufferedAmount ?? 0) > 0, { timeoutMs: 5000 });
    const before = client.heard.length;
    expect(sender?.bufferedAmount).toBeGreaterThan(1_000_000);
    expect(client.heard).toHaveLength(before);
    client.webSocket.resume();
    await until(() => client.heard.length === 401, { timeoutMs: 10_000 });
    expect(client.heard.slice(1)).toEqual(Array.from({ length: 400 }, (_, i) => `50000 ${i % 256}`));
  },
);

test('others have their turn while a flood is read', async () => {
  let sender: WebSocket | undefined;
  const uri = await startServer(false, (socket) => {
    sender = socket;
    socket.send('first');
  });
  let [inTurn, most] = [0, 0];
  const client = openClient(uri, true, (length) => {
    inTurn += length;
    most = Math.max(most, inTurn);
  });
  await until(() => client.heard.length === 1, { timeoutMs: 5000 });
  client.webSocket.pause();
  for (let i = 0; i < 400; i++) sender?.send(Buffer.alloc(50_000, i % 256));
  await until(() => (sender?.bufferedAmount ?? 0) > 0, { timeoutMs: 5000 });
  const turn = () => {
    inTurn = 0;
    if (client.heard.length < 401) setImmediate(turn);
  };
  turn();
  client.webSocket.resume();
  await until(() => client.heard.length === 401, { timeoutMs: 10_000 });
  expect(most).toBeGreaterThan(100_000);
  expect(most).toBeLessThan(1.5 * 1024 * 1024);
});
