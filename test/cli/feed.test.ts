import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type CliProcess, startCli } from '../support/cli.js';
import { type Received, receive } from '../support/receive.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';

interface Feed {
  readonly cli: CliProcess;
  readonly address: string;
}

/** Starts `feed serve` on a free port and waits for its address. */
async function serve(...args: string[]): Promise<Feed> {
  const folder = await createTempFolder();
  const cli = startCli(['feed', 'serve', '--port', '0', ...args], { home: folder, cwd: folder });
  const printed = () => /^feed: (ws:\/\/127\.0\.0\.1:\d+)\n$/.exec(cli.stdout)?.[1];
  return { cli, address: await cli.whileRunning(printed, { timeoutMs: 10_000, what: 'the address' }) };
}

/** All messages of a channel that closes its connections at the end. */
async function receiveAll(address: string): Promise<Received> {
  const received = await receive(address);
  await until(() => received.closeCode, { timeoutMs: 10_000, what: 'the end of the feed' });
  return received;
}

async function writeLines(...lines: string[]): Promise<string> {
  const path = join(await createTempFolder(), 'recorded.ndjson');
  await writeFile(path, lines.join('\n'));
  return path;
}

const FINITE = ['--rate', '0', '--count', '500', '--close'];

test('feed serve prints its address and ends with exit 0 on SIGTERM', async () => {
  const { cli } = await serve();
  cli.signal('SIGTERM');
  await cli.expectExit(0);
  expect(cli.stderr).toBe('');
});

test('--count and --close send so many numbered trades and close with 1000', async () => {
  const { address } = await serve(...FINITE);
  const { messages, closeCode } = await receiveAll(`${address}/trades/binance`);
  const trades = messages.map((text) => JSON.parse(text) as { seq: number; exchange: string });
  expect(trades.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, seq) => seq));
  expect(new Set(trades.map(({ exchange }) => exchange))).toEqual(new Set(['binance']));
  expect(closeCode).toBe(1000);
});

test('without --close the connection stays open and silent after the last message', async () => {
  const { address } = await serve('--rate', '0', '--count', '10');
  const received = await receive(`${address}/a`);
  await until(() => received.messages.length >= 10, { timeoutMs: 10_000, what: 'ten messages' });
  const other = await receive(`${address}/b`);
  await until(() => other.messages.length >= 10, { timeoutMs: 10_000, what: 'ten messages on another path' });
  expect(received.messages).toHaveLength(10);
  expect(received.closeCode).toBeUndefined();
});

test('the same seed gives the same trades, another seed others', async () => {
  const [first, second, other] = await Promise.all(
    ['7', '7', '8'].map((seed) => serve(...FINITE, '--seed', seed)),
  );
  const channel = (feed: Feed | undefined) => receiveAll(`${feed?.address}/trades/binance`);
  const [a, b, c] = await Promise.all([channel(first), channel(second), channel(other)]);
  expect(a.messages).toEqual(b.messages);
  expect(a.messages).toHaveLength(500);
  expect(a.messages).not.toEqual(c.messages);
});

test('every path is a channel of its own', async () => {
  const { address } = await serve(...FINITE);
  const [one, two] = await Promise.all([receiveAll(`${address}/x/one`), receiveAll(`${address}/x/two`)]);
  expect(one.messages).toHaveLength(500);
  expect(two.messages).toHaveLength(500);
  expect(JSON.parse(two.messages[0] as string)).toMatchObject({ seq: 0, exchange: 'two' });
});

test('--replay sends the lines of a file as they stand, and closes', async () => {
  const lines = [
    '{"a":1}',
    'no JSON at all',
    '{"text":"äöü 😀"}',
    `"${'x'.repeat(300_000)}"`,
    '{"last":true}',
  ];
  const { address } = await serve('--rate', '0', '--close', '--replay', await writeLines(...lines, ''));
  expect((await receiveAll(address)).messages).toEqual(lines);
});

test('--replay sends a last line that has no newline', async () => {
  const { address } = await serve('--rate', '0', '--close', '--replay', await writeLines('1', '2'));
  expect((await receiveAll(address)).messages).toEqual(['1', '2']);
});

test('--replay of a file with Windows lines sends the lines alone', async () => {
  const { address } = await serve('--rate', '0', '--close', '--replay', await writeLines('1\r', '2\r', ''));
  expect((await receiveAll(address)).messages.map((text) => JSON.parse(text))).toEqual([1, 2]);
});

test('--count ends a replay before its last line', async () => {
  const file = await writeLines('1', '2', '3', '4', '');
  const { address } = await serve('--rate', '0', '--close', '--count', '2', '--replay', file);
  expect((await receiveAll(address)).messages).toEqual(['1', '2']);
});

test('--rate sends about so many messages a second', async () => {
  const { address } = await serve('--rate', '500', '--count', '500', '--close');
  const startedAt = performance.now();
  await receiveAll(address);
  const elapsedMs = performance.now() - startedAt;
  expect(elapsedMs).toBeGreaterThan(900);
  expect(elapsedMs).toBeLessThan(3000);
});

test('a file to replay that is not there is refused with exit 2', async () => {
  const folder = await createTempFolder();
  const cli = startCli(['feed', 'serve', '--replay', 'nowhere.ndjson'], { home: folder, cwd: folder });
  await cli.expectExit(2);
  expect(cli.stderr).toMatch(/--replay.*nowhere\.ndjson/);
});

test('a folder to replay that is no stage is refused with exit 2', async () => {
  const folder = await createTempFolder();
  const cli = startCli(['feed', 'serve', '--port', '0', '--replay', folder], { home: folder, cwd: folder });
  await cli.expectExit(2, 5000);
  expect(cli.stderr).toContain(folder);
});

test('a client that connects and goes at once does not end the feed', async () => {
  const { cli, address } = await serve('--rate', '0');
  const webSocket = new WebSocket(address);
  await once(webSocket, 'open');
  webSocket.terminate();
  const other = await receive(`${address}/other`);
  await until(() => other.messages.length > 0, { timeoutMs: 10_000, what: 'messages for the other client' });
  expect(cli.hasExited).toBe(false);
});

test('a port in use is refused with exit 3, the address and a remedy', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const folder = await createTempFolder();
  const cli = startCli(['feed', 'serve', '--port', String(port)], { home: folder, cwd: folder });
  await cli.expectExit(3);
  expect(cli.stdout).toBe('');
  expect(cli.stderr).toContain(`127.0.0.1:${port}`);
  expect(cli.stderr).toContain('--port 0');
  expect(cli.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
});
