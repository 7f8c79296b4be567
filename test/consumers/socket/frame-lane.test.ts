import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { FrameLane } from '../../../src/consumers/socket/frame-lane.js';
import { until } from '../../support/until.js';

interface Connected {
  readonly client: WebSocket;
  readonly stream: Socket;
  readonly server: WebSocket;
  /** In the order in which they came, with the way they took. */
  readonly heard: string[];
}

/** A client of a real server, at the moment at which the consumer opens its lane. */
async function connect(
  beforeOpen: (stream: Socket) => void = () => {},
  isDeflated = false,
): Promise<Connected> {
  const listening = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: isDeflated });
  onTestFinished(() => listening.close());
  await once(listening, 'listening');
  const accepted = once(listening, 'connection');
  const port = (listening.address() as AddressInfo).port;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: isDeflated });
  onTestFinished(() => client.terminate());
  const heard: string[] = [];
  client.on('message', (message) => heard.push(`ws ${message}`));
  const [response] = (await once(client, 'upgrade')) as [IncomingMessage];
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
  beforeOpen(response.socket);
  const [server] = (await accepted) as [WebSocket];
  return { client, stream: response.socket, server, heard };
}

function openLane({ client, stream, heard }: Connected): FrameLane | undefined {
  return FrameLane.open(client, stream, {
    maxBytes: 1000,
    messages: (read, bounds, count) => {
      for (let i = 0; i < count; i++)
        heard.push(`lane ${Buffer.from(read.subarray(bounds[2 * i], bounds[2 * i + 1]))}`);
    },
  });
}

test('on a connection of the ws that is installed, messages take the lane', async () => {
  const connected = await connect();
  expect(openLane(connected)).toBeDefined();
  connected.server.send('one');
  connected.server.send('tw', { fin: false });
  connected.server.send('o', { fin: true });
  connected.server.send('three');
  await until(() => connected.heard.length === 3, { timeoutMs: 5000 });
  expect(connected.heard).toEqual(['lane one', 'ws two', 'lane three']);
});

test('a lane that was closed leaves everything to ws', async () => {
  const connected = await connect();
  const lane = openLane(connected);
  connected.server.send('one');
  await until(() => connected.heard.length === 1, { timeoutMs: 5000 });
  lane?.close();
  lane?.close();
  connected.server.send('two');
  await until(() => connected.heard.length === 2, { timeoutMs: 5000 });
  expect(connected.heard).toEqual(['lane one', 'ws two']);
});

test('there is none, and messages come as ever, where somebody else reads too', async () => {
  const connected = await connect((stream) => stream.on('data', () => {}));
  expect(openLane(connected)).toBeUndefined();
  connected.server.send('one');
  await until(() => connected.heard.length === 1, { timeoutMs: 5000 });
  expect(connected.heard).toEqual(['ws one']);
});

test('there is none where ws has no listener, or there is no stream', async () => {
  const connected = await connect((stream) => stream.removeAllListeners('data'));
  expect(openLane(connected)).toBeUndefined();
  expect(FrameLane.open(connected.client, undefined, { maxBytes: 1, messages: () => {} })).toBeUndefined();
});

test('there is none where messages may be compressed', async () => {
  const connected = await connect(() => {}, true);
  expect(connected.client.extensions).toContain('permessage-deflate');
  expect(openLane(connected)).toBeUndefined();
});
