import { expect, test } from 'vitest';
import { MessageBuffer } from '../../../src/utils/message-buffer.js';
import type { DecodeSettings } from '../../../src/utils/rows/decode-settings.js';
import { MessageDecoder } from '../../../src/utils/rows/message-decoder.js';
import { visitBatch } from '../../../src/utils/rows/visit-batch.js';

const SETTINGS = {
  decode: 'json',
  include: {},
  ignore: [{ '/t': 'hb' }],
  rename: {},
  columns: {},
  metadata: [],
};

function visit(messages: readonly (string | Buffer)[]) {
  const buffer = new MessageBuffer();
  for (const message of messages) buffer.add(Buffer.from(message as string));
  const { bytes } = buffer.take();
  const rows: string[] = [];
  const dead: { raw: string; reason: string; message: number }[] = [];
  const counts = visitBatch(bytes, new MessageDecoder(SETTINGS as unknown as DecodeSettings), {
    row: (cells) => {
      const text = bytes.toString('utf8', cells.start, cells.stop);
      if (text.includes('refuse')) return 'expected another row';
      rows.push(text);
      return undefined;
    },
    setAside: ({ raw, reason, message }) => void dead.push({ raw: raw.toString('latin1'), reason, message }),
  });
  return { counts, rows, dead };
}

test('every message is counted once, as decoded, ignored or dead, and every row as taken or dead', () => {
  const { counts, rows, dead } = visit([
    '{"a":1}',
    '{"t":"hb"}',
    'hello',
    '[{"a":2},{"a":"refuse"},3]',
    '{"a":',
    '[]',
    Buffer.from([0x7b, 0xff, 0x7d]),
  ]);
  expect(counts).toEqual({
    decodedMessages: 3,
    ignoredMessages: 1,
    deadMessages: 3,
    loadedRows: 2,
    deadRows: 2,
    fastRows: 0,
    discardedRows: 0,
  });
  expect(rows).toEqual(['{"a":1}', '{"a":2}']);
  expect(dead.map(({ raw, message }) => [message, raw])).toEqual([
    [3, 'hello'],
    [4, '{"a":"refuse"}'],
    [4, '3'],
    [5, '{"a":'],
    [7, '{\u00ff}'],
  ]);
  expect(dead.every(({ reason }) => /^expected .+/.test(reason))).toBe(true);
});

test.each(['{"_raw":"aGVsbG8=","_why":"mine"}', '{"_raw":"not base64"}', '{"_raw":""}'])(
  'a genuine message %s is the row that it is',
  (message) => {
    expect(visit([message])).toMatchObject({ rows: [message], dead: [] });
  },
);

test.each(['{"_raw":"', '{"_raw":"x"', '{"_raw":"x","y"}', '{"_raw":"x\ny"}'])(
  'a broken message %j that begins like our own form is a dead letter with its own bytes, but for the space that tells it apart',
  (message) => {
    const { dead, counts } = visit([message]);
    expect(counts).toMatchObject({ deadMessages: 1, decodedMessages: 0 });
    expect(dead.map(({ raw }) => raw.replace(/^ /, ''))).toEqual([message]);
  },
);
