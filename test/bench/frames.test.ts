import type { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { Frames } from '../../bench/feed/frames.mjs';
import { SHAPES } from '../../bench/feed/shapes/index.mjs';

// Its types leave it out.
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** What a WebSocket client makes of the bytes. */
function receive(bytes: Buffer): Promise<string[]> {
  const receiver = new Receiver({ isServer: false });
  const messages: string[] = [];
  receiver.on('message', (message: Buffer) => messages.push(String(message)));
  return new Promise((resolve, reject) => {
    receiver.on('error', reject);
    receiver.end(bytes, () => resolve(messages));
  });
}

test('frames of every length are those messages, also where they begin in the middle', async () => {
  const messages = [0, 1, 125, 126, 127, 65_535].map(
    (length) => 'é'.repeat(length >> 1) + 'x'.repeat(length % 2),
  );
  const frames = new Frames(messages, messages.length);
  expect(frames.count).toBe(messages.length);
  expect(await receive(frames.slice(0, messages.length))).toEqual(messages);
  expect(await receive(frames.slice(2, 5))).toEqual(messages.slice(2, 5));
});

test('frames that are many chunks of memory long keep their places', async () => {
  const messages = Array.from({ length: 500 }, (_, index) => `${index} `.padEnd(50_000, '.'));
  const frames = new Frames(messages, messages.length);
  expect(await receive(frames.slice(160, 340))).toEqual(messages.slice(160, 340));
});

test('a slice ends between frames, within its size unless one frame is larger', () => {
  const frames = new Frames(['a'.repeat(98), 'b'.repeat(98), 'c'.repeat(98)], 3);
  expect([99, 100, 199, 200, 1000].map((bytes) => frames.lastWithin(0, bytes))).toEqual([1, 1, 1, 2, 3]);
  expect(frames.lastWithin(2, 1)).toBe(3);
});

test.each(Object.entries(SHAPES))('the messages of %s have the rows that the tables get', (_, shape) => {
  const columns = new Set(Object.keys(shape.columns));
  for (let seq = 0; seq < 500; seq++) {
    const parsed = JSON.parse(shape.message(seq, 500));
    if (shape.hints !== undefined)
      for (const key of Object.keys(shape.hints)) parsed[key] = Number(parsed[key]);
    expect(parsed).toEqual(shape.row(seq, 500));
    expect(Object.keys(parsed).filter((key) => !columns.has(key))).toEqual([]);
  }
});

test('keyed rows have each key once', () => {
  const ids = Array.from({ length: 1000 }, (_, seq) => SHAPES['keyed']?.row(seq, 1000)['id']);
  expect(new Set(ids).size).toBe(1000);
});
