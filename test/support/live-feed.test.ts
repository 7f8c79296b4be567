import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { firstSeqAfter, type LiveFeed, sentAt, startFeed } from './live-feed.js';
import { expectedRow, messageText, PAYLOAD_COLUMNS } from './payload.mjs';
import { until } from './until.js';

const SEED = 7;

interface Listener {
  readonly messages: { text: string; atMs: number }[];
  readonly socket: WebSocket;
}

function listen(feed: LiveFeed, path: string): Listener {
  const socket = new WebSocket(feed.uri(path));
  const messages: Listener['messages'] = [];
  socket.on('message', (bytes) => messages.push({ text: String(bytes), atMs: Date.now() }));
  return { messages, socket };
}

const seqOf = (text: string | undefined) => Number((JSON.parse(text ?? '') as { seq: number }).seq);

test('a live channel issues by the clock and loses what nobody receives', async () => {
  const feed = await startFeed();
  await feed.openLive('/live', { seed: SEED, rate: 20_000 });
  await until(async () => (await feed.log('/live')).issued > 1000, { timeoutMs: 5000 });
  const { messages, socket } = listen(feed, '/live');
  await until(() => messages.length > 20_000, { timeoutMs: 10_000 });
  await feed.hold('/live');
  const log = await feed.log('/live');
  const first = log.connections[0]?.openedSeq ?? -1;
  await until(() => messages.length === log.issued - first, { timeoutMs: 5000 });
  socket.close();
  expect(first).toBeGreaterThan(1000);
  expect(messages.filter(({ text }, index) => text !== messageText(SEED, first + index))).toEqual([]);
  const tooEarly = messages.filter(({ atMs }, index) => atMs < sentAt(log, first + index));
  expect(tooEarly, 'received before the logged send time').toEqual([]);
  const seconds = (sentAt(log, log.issued - 1) - sentAt(log, first)) / 1000;
  expect(Math.abs(messages.length / seconds / 20_000 - 1)).toBeLessThan(0.1);
}, 30_000);

test('the log says which seqs were sent by a time', async () => {
  const log = { issued: 30, connections: [], tickSeqs: [0, 10, 20], tickTimes: [100, 105, 110] };
  expect([0, 9, 10, 19, 20, 29].map((seq) => sentAt(log, seq))).toEqual([100, 100, 105, 105, 110, 110]);
  expect([99, 100, 104, 105, 110].map((atMs) => firstSeqAfter(log, atMs))).toEqual([0, 10, 10, 20, 30]);
});

test('a counted channel sends exactly its messages on each connection and stays open', async () => {
  const feed = await startFeed();
  await feed.openCounted('/counted', { seed: SEED, count: 3000 });
  for (const attempt of [1, 2]) {
    const { messages, socket } = listen(feed, '/counted');
    await until(() => messages.length >= 3000, { timeoutMs: 5000 });
    expect([seqOf(messages[0]?.text), seqOf(messages[2999]?.text), messages.length]).toEqual([0, 2999, 3000]);
    expect(socket.readyState, `attempt ${attempt}`).toBe(WebSocket.OPEN);
    socket.terminate();
  }
  expect((await feed.log('/counted')).connections).toHaveLength(2);
});

test('every spelling of a message means the expected row', () => {
  const isInteger = (name: string) => PAYLOAD_COLUMNS[name] === 'bigint';
  for (let seq = 0; seq < 5000; seq++) {
    // Integers beyond 2^53 must keep their digits, so they are read as text.
    const quoted = messageText(SEED, seq).replace(/("(?:seq|trade_id|timestamp)"\s*:\s*)(\d+)/g, '$1"$2"');
    expect(JSON.parse(quoted)).toEqual(expectedRow(SEED, seq));
  }
  expect(Object.keys(expectedRow(SEED, 0)).filter(isInteger)).toEqual(['seq', 'trade_id', 'timestamp']);
});
