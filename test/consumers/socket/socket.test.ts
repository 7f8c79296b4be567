import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { socketVariety } from '../../../src/consumers/socket/index.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { until } from '../../support/until.js';
import { type Consuming, createConsuming } from '../consuming.js';

const FAST = { reconnect: { initial: '20ms', max: '100ms' } };

interface Peer {
  readonly uri: string;
  /** When each upgrade was asked for. */
  readonly askedMs: number[];
  readonly requests: IncomingMessage[];
}

/** A server that answers the n-th upgrade request, from 0, as the test says. */
async function startPeer(
  answer: (attempt: number, upgrade: () => void, refuse: (status: number, headers?: object) => void) => void,
  talk: (socket: WebSocket, attempt: number) => void = () => {},
): Promise<Peer> {
  const askedMs: number[] = [];
  const requests: IncomingMessage[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((_: IncomingMessage, response: ServerResponse) => response.end());
  server.on('upgrade', (request, raw: Socket, head) => {
    const attempt = askedMs.push(performance.now()) - 1;
    requests.push(request);
    const upgrade = () => sockets.handleUpgrade(request, raw, head, (socket) => talk(socket, attempt));
    const refuse = (status: number, headers: object = {}) => {
      const lines = Object.entries({ connection: 'close', ...headers }).map(
        ([key, value]) => `${key}: ${value}\r\n`,
      );
      raw.end(`HTTP/1.1 ${status} No\r\n${lines.join('')}\r\n`);
    };
    answer(attempt, upgrade, refuse);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { uri: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/feed`, askedMs, requests };
}

async function consume(peer: Peer, keys: Readonly<Record<string, unknown>> = {}): Promise<Consuming> {
  return createConsuming(await createTempFolder(), socketVariety, { uri: peer.uri, ...FAST, ...keys });
}

async function untilLines(consuming: Consuming, count: number): Promise<string[]> {
  await until(async () => (await consuming.lines()).length >= count, { timeoutMs: 8000 });
  return consuming.lines();
}

test.each([401, 403, 451])('HTTP %d ends the runner at once, with a hint', async (status) => {
  const peer = await startPeer((_, __, refuse) => refuse(status));
  const { run } = await consume(peer);
  await expect(run()).rejects.toMatchObject({
    code: 'source.refused',
    message: expect.stringContaining(`HTTP ${status}`),
    hint: expect.stringMatching(/.{20}/),
  });
  expect(peer.askedMs).toHaveLength(1);
});

test.each([400, 404, 429, 500, 503])('after HTTP %d it asks again', async (status) => {
  const peer = await startPeer(
    (attempt, upgrade, refuse) => (attempt < 2 ? refuse(status) : upgrade()),
    (socket) => socket.send('{"a":1}'),
  );
  const consuming = await consume(peer);
  const done = consuming.run();
  expect(await untilLines(consuming, 1)).toEqual(['{"a":1}']);
  consuming.stop();
  await done;
  expect(peer.askedMs).toHaveLength(3);
});

test.each([429, 503])('HTTP %d with Retry-After waits at least so long', async (status) => {
  const peer = await startPeer(
    (attempt, upgrade, refuse) => (attempt === 0 ? refuse(status, { 'Retry-After': '1' }) : upgrade()),
    (socket) => socket.send('1'),
  );
  const consuming = await consume(peer);
  const done = consuming.run();
  await untilLines(consuming, 1);
  consuming.stop();
  await done;
  expect((peer.askedMs[1] as number) - (peer.askedMs[0] as number)).toBeGreaterThanOrEqual(990);
});

test('a stop while it waits for the next attempt ends it at once', async () => {
  const peer = await startPeer((_, __, refuse) => refuse(503, { 'Retry-After': '60' }));
  const consuming = await consume(peer);
  const done = consuming.run();
  await until(() => consuming.logs.length > 0, { timeoutMs: 3000 });
  const startedMs = performance.now();
  consuming.stop();
  await done;
  expect(performance.now() - startedMs).toBeLessThan(1000);
});

test('close code 1008 ends the runner, and what came before is kept', async () => {
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket) => {
      socket.send('{"a":1}');
      socket.close(1008, 'no such channel');
    },
  );
  const consuming = await consume(peer);
  await expect(consuming.run()).rejects.toMatchObject({
    code: 'source.refused',
    message: expect.stringMatching(/1008.*no such channel/),
  });
  expect(await consuming.lines()).toEqual(['{"a":1}']);
  expect(peer.askedMs).toHaveLength(1);
});

test.each([1000, 1001, 1011, 1012, 1013, 4000, 'terminate'] as const)(
  'after %s it connects again and records one gap for each time away',
  async (code) => {
    const peer = await startPeer(
      (_, upgrade) => upgrade(),
      (socket, attempt) => {
        socket.send(`${attempt}`, () => {
          if (attempt >= 2) return;
          if (code === 'terminate') socket.terminate();
          else socket.close(code);
        });
      },
    );
    const consuming = await consume(peer);
    const done = consuming.run();
    expect(await untilLines(consuming, 3)).toEqual(['0', '1', '2']);
    consuming.stop();
    await done;
    expect(consuming.gaps()).toBe(2);
    const receipts = (await consuming.batches()).flatMap((batch) => batch.receipts);
    expect(receipts.map(({ connection }) => connection)).toEqual([1, 2, 3]);
  },
);

test('a peer that answers no ping is given up', async () => {
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket, attempt) => {
      socket.send(`${attempt}`);
      if (attempt === 0) (socket as unknown as { _socket: Socket })._socket.pause();
    },
  );
  const consuming = await consume(peer, { keepalive: { ping_interval: '100ms', pong_timeout: '200ms' } });
  const startedMs = performance.now();
  const done = consuming.run();
  expect(await untilLines(consuming, 2)).toEqual(['0', '1']);
  expect(performance.now() - startedMs).toBeLessThan(3000);
  consuming.stop();
  await done;
  expect(consuming.logs.map(({ message }) => message).join('\n')).toMatch(
    /no answer to a ping within 200 ?ms/,
  );
});

test('a peer that answers pings and sends nothing is given up after idle_timeout', async () => {
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket, attempt) => socket.send(`${attempt}`),
  );
  const keepalive = { ping_interval: '100ms', pong_timeout: '2s', idle_timeout: '300ms' };
  const consuming = await consume(peer, { keepalive });
  const done = consuming.run();
  expect((await untilLines(consuming, 2)).slice(0, 2)).toEqual(['0', '1']);
  consuming.stop();
  await done;
});

test('a quiet peer that answers pings is kept where idle_timeout is 0s', async () => {
  let pings = 0;
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket) => socket.on('ping', () => pings++),
  );
  const keepalive = { ping_interval: '100ms', pong_timeout: '200ms', idle_timeout: '0s' };
  const consuming = await consume(peer, { keepalive });
  const done = consuming.run();
  await until(() => pings >= 10, { timeoutMs: 5000 });
  expect(peer.askedMs).toHaveLength(1);
  consuming.stop();
  await done;
});

test('headers, subprotocols and subscriptions go to the server', async () => {
  const heard: string[] = [];
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket) => {
      socket.on('message', (message) => heard.push(String(message)));
      socket.send('1');
    },
  );
  const consuming = await consume(peer, {
    headers: { Authorization: 'Bearer c4n4ry' },
    subprotocols: ['feed.v2'],
    subscribe: ['hello', { op: 'subscribe', channels: ['trades'] }],
  });
  const done = consuming.run();
  await until(() => heard.length === 2, { timeoutMs: 5000 });
  consuming.stop();
  await done;
  expect(heard).toEqual(['hello', '{"op":"subscribe","channels":["trades"]}']);
  const [request] = peer.requests;
  expect(request?.headers.authorization).toBe('Bearer c4n4ry');
  expect(request?.headers['sec-websocket-protocol']).toBe('feed.v2');
  expect(JSON.stringify(consuming.logs)).not.toContain('c4n4ry');
});

test('a message over max_message_bytes ends the connection, and the next one goes on', async () => {
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket, attempt) => {
      socket.on('error', () => {});
      socket.send(`${attempt}`);
      if (attempt === 0) socket.send(JSON.stringify('x'.repeat(5000)));
    },
  );
  const consuming = await consume(peer, { max_message_bytes: '4KiB' });
  const done = consuming.run();
  expect(await untilLines(consuming, 2)).toEqual(['0', '1']);
  consuming.stop();
  await done;
  expect(consuming.gaps()).toBe(1);
});

test('text and binary frames, fragments and empty messages are all kept, in order', async () => {
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket) => {
      socket.send('{"a":1}');
      socket.send(Buffer.from('{"a":2}'));
      socket.send('{"a":', { fin: false });
      socket.send('3}', { fin: true });
      socket.send('');
      socket.send('4');
    },
  );
  const consuming = await consume(peer);
  const done = consuming.run();
  const lines = await untilLines(consuming, 5);
  consuming.stop();
  await done;
  expect(lines.filter((line) => !line.startsWith('{"_raw":'))).toEqual([
    '{"a":1}',
    '{"a":2}',
    '{"a":3}',
    '4',
  ]);
  expect(lines[3]).toMatch(/^\{"_raw":"","_why":"expected/);
});

test('where nobody listens it goes on asking, and a stop ends it', async () => {
  const peer = await startPeer((_, upgrade) => upgrade());
  const uri = 'ws://127.0.0.1:1/';
  const consuming = await consume({ ...peer, uri });
  const done = consuming.run();
  await until(() => consuming.logs.length >= 3, { timeoutMs: 5000 });
  consuming.stop();
  await done;
  expect(consuming.gaps()).toBe(0);
});

test('what the server answers after the stop does not count as reception', async () => {
  let isClosed = false;
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket) => {
      socket.send('{"n":1}');
      socket.on('close', () => {
        isClosed = true;
      });
    },
  );
  const { consumer, stage } = await consume(peer);
  const stop = new AbortController();
  const running = consumer.run(stop.signal);
  await until(() => (stage.lastReceivedUs() ?? 0) > 0, { timeoutMs: 8000 });
  const startedMs = Date.now();
  await until(() => Date.now() > startedMs + 30, { timeoutMs: 1000 });
  stop.abort();
  const stoppedUs = startedMs * 1000;
  await running;
  await until(() => isClosed, { timeoutMs: 5000 });
  await until(() => Date.now() > startedMs + 80, { timeoutMs: 1000 });
  await stage.seal();
  expect(stage.lastReceivedUs()).toBeLessThanOrEqual(stoppedUs);
});

test('with framing: lines each line of what is sent is a message', async () => {
  const talk = (socket: WebSocket) => socket.send('{"a":1}\n{"a":2}\r\n\n{"a":\n3}\n');
  const peer = await startPeer((_, upgrade) => upgrade(), talk);
  const consuming = await consume(peer, { framing: 'lines' });
  const done = consuming.run();
  const lines = await untilLines(consuming, 4);
  expect(lines.slice(0, 2)).toEqual(['{"a":1}', '{"a":2}']);
  expect(lines[2]).toContain('_raw');
  expect(lines[3]).toBe('3}');
  expect(lines).toHaveLength(4);
  consuming.stop();
  await done;
});

test('with decode: text each message is kept as a JSON string, line breaks and all', async () => {
  const peer = await startPeer(
    (_, upgrade) => upgrade(),
    (socket) => socket.send('8=FIX\n35=0'),
  );
  const consuming = await consume(peer, { decode: 'text' });
  const done = consuming.run();
  expect(await untilLines(consuming, 1)).toEqual([JSON.stringify('8=FIX\n35=0')]);
  consuming.stop();
  await done;
});
