import { expect } from 'vitest';
import type { CliProcess } from '../support/cli.js';
import { drives } from '../support/drives.js';
import { type SocketSource, serveSocket } from '../support/socket-source.js';
import { createPrintingBench, printedRows, startRun } from './printed.js';

/** Too short for a run that has the defaults, and ample for one that has what a test gives it. */
const TIMEOUT_MS = 20_000;
/** The same for a wait that is ten seconds unless given, and for those between attempts. */
const SHORT_MS = 8000;
const FAST = { initial: '10ms', max: '50ms' };

/** Starts receiving and waits for the first connection. */
async function startReceiving({ uri, connections }: SocketSource, settings: object): Promise<CliProcess> {
  const bench = await createPrintingBench({ variety: 'socket', uri, reconnect: FAST, ...settings });
  const cli = startRun(bench);
  await cli.whileRunning(() => connections.length > 0, { timeoutMs: TIMEOUT_MS, what: 'a first connection' });
  return cli;
}

/** Receives until there were so many connections, so long after the first at most. */
async function receiveUntilConnected(
  source: SocketSource,
  settings: object,
  [times, timeoutMs]: readonly [number, number],
): Promise<void> {
  const cli = await startReceiving(source, settings);
  const isConnected = () => source.connections.length >= times;
  await cli.whileRunning(isConnected, { timeoutMs, what: `${times} connections` });
}

drives('key consumer/socket uri', 'the address whose messages are rows', async () => {
  const source = await serveSocket((socket) => socket.send('{"n":1}'));
  const bench = await createPrintingBench({ variety: 'socket', uri: `${source.uri}/v1?of=trades` });
  expect(await bench.rows('--max-messages', '1')).toEqual([{ n: 1 }]);
  expect(source.connections.map(({ path }) => path)).toEqual(['/v1?of=trades']);
});

drives('key consumer/socket headers', 'headers of the upgrade request', async () => {
  const source = await serveSocket(() => {});
  await startReceiving(source, { headers: { 'X-Api-Key': 'k1' } });
  expect(source.connections[0]?.headers['x-api-key']).toBe('k1');
});

drives('key consumer/socket subprotocols', 'the subprotocol that the server chooses of them', async () => {
  const source = await serveSocket((socket) => socket.send(JSON.stringify({ speaks: socket.protocol })), {
    handleProtocols: (offered) => offered.has('feed.v2') && 'feed.v2',
  });
  const settings = { variety: 'socket', uri: source.uri, subprotocols: ['feed.v1', 'feed.v2'] };
  const bench = await createPrintingBench(settings);
  expect(await bench.rows('--max-messages', '1')).toEqual([{ speaks: 'feed.v2' }]);
});

drives('key consumer/socket subscribe', 'the messages that every connection begins with', async () => {
  const source = await serveSocket((socket, index) => {
    let count = 0;
    socket.on('message', () => ++count === 2 && index === 0 && socket.close(1011));
  });
  const cli = await startReceiving(source, { subscribe: ['hello', { op: 'subscribe', ids: [1] }] });
  const hasAll = () => source.connections[1]?.heard.length === 2;
  await cli.whileRunning(hasAll, { timeoutMs: TIMEOUT_MS, what: 'two subscriptions' });
  const expected = ['hello', '{"op":"subscribe","ids":[1]}'];
  expect(source.connections.map(({ heard }) => heard)).toEqual([expected, expected]);
});

drives(
  'key consumer/socket keepalive.ping_interval',
  'pings long before twenty seconds are over',
  async () => {
    const source = await serveSocket(() => {});
    const cli = await startReceiving(source, { keepalive: { ping_interval: '100ms' } });
    const isPinged = () => (source.connections[0]?.pings ?? 0) >= 3;
    await cli.whileRunning(isPinged, { timeoutMs: TIMEOUT_MS, what: 'three pings' });
  },
);

drives('key consumer/socket keepalive.pong_timeout', 'a server that answers no ping is left', async () => {
  const source = await serveSocket(() => {}, { autoPong: false });
  const keepalive = { ping_interval: '100ms', pong_timeout: '200ms' };
  await receiveUntilConnected(source, { keepalive }, [2, SHORT_MS]);
});

drives('key consumer/socket keepalive.idle_timeout', 'a server that sends nothing is left', async () => {
  const source = await serveSocket(() => {});
  await receiveUntilConnected(source, { keepalive: { idle_timeout: '300ms' } }, [2, TIMEOUT_MS]);
});

drives('key consumer/socket keepalive.message', 'a message beside each ping', async () => {
  const source = await serveSocket(() => {});
  const cli = await startReceiving(source, {
    keepalive: { ping_interval: '100ms', message: { op: 'ping' } },
  });
  const heard = () => source.connections[0]?.heard ?? [];
  await cli.whileRunning(() => heard().length >= 2, { timeoutMs: TIMEOUT_MS, what: 'two messages' });
  expect(new Set(heard())).toEqual(new Set(['{"op":"ping"}']));
});

drives('key consumer/socket reconnect.initial', 'eight waits that begin with 10 ms', async () => {
  const source = await serveSocket((socket) => socket.close(1011));
  await receiveUntilConnected(source, { reconnect: { initial: '10ms' } }, [9, SHORT_MS]);
});

drives('key consumer/socket reconnect.max', 'six waits of 20 ms, however long the first may be', async () => {
  const source = await serveSocket((socket) => socket.close(1011));
  await receiveUntilConnected(source, { reconnect: { initial: '1h', max: '20ms' } }, [7, SHORT_MS]);
});

drives('key consumer/socket reconnect.stop_on', 'a close code ends the run', async () => {
  const source = await serveSocket((socket, index) => socket.close(index === 0 ? 1008 : 4001, 'go away'));
  const cli = await startReceiving(source, { reconnect: { ...FAST, stop_on: [4001] } });
  await cli.expectExit(1, TIMEOUT_MS);
  expect(cli.stderr).toContain('4001, "go away"');
  expect(source.connections).toHaveLength(2);
});

drives('key consumer/socket max_message_bytes', 'a larger message ends the connection', async () => {
  const source = await serveSocket((socket, index) => {
    socket.send(`{"connection":${index + 1}}`);
    if (index === 0) socket.send(JSON.stringify({ text: 'x'.repeat(2000) }));
  });
  const cli = await startReceiving(source, { max_message_bytes: '1KiB' });
  const hasSecond = () => printedRows(cli).length >= 2;
  await cli.whileRunning(hasSecond, { timeoutMs: TIMEOUT_MS, what: 'a second row' });
  expect(printedRows(cli)).toEqual([{ connection: 1 }, { connection: 2 }]);
});
