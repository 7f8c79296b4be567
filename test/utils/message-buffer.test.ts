import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageBuffer, RAW_PREFIX } from '../../src/utils/message-buffer.js';

/** What a line stands for: the message itself, or the bytes that were set aside. */
interface Line {
  readonly bytes: Buffer;
  readonly why?: string;
}

function readLine(line: Buffer): Line {
  if (!line.toString().startsWith(RAW_PREFIX)) return { bytes: line };
  const { _raw, _why } = JSON.parse(line.toString()) as { _raw: string; _why: string };
  return { bytes: Buffer.from(_raw, 'base64'), why: _why };
}

function passThrough(messages: readonly Buffer[]): Line[] {
  const buffer = new MessageBuffer();
  for (const message of messages) buffer.add(message);
  expect(buffer.messages).toBe(messages.length);
  const { bytes, messages: count } = buffer.take();
  expect([count, buffer.messages, buffer.byteLength]).toEqual([messages.length, 0, 0]);
  expect(isUtf8(bytes)).toBe(true);
  const lines: Line[] = [];
  for (let from = 0, to = bytes.indexOf(10); to >= 0; from = to + 1, to = bytes.indexOf(10, from))
    lines.push(readLine(Buffer.from(bytes.subarray(from, to))));
  expect(bytes.length === 0 || bytes.at(-1) === 10).toBe(true);
  return lines;
}

/** The space that tells a genuine message from our own form is no part of it. */
const withoutMark = (text: string) => text.replace(/^ (?=\{"_raw":")/, '');
const asText = ({ bytes }: Line) => bytes.toString('latin1');

test.each([
  '{"a":1}',
  ' {"a":1}\t',
  '[1,2]',
  '"text"',
  '-1.5e3',
  'true',
  'null',
  '{"a":"ü😀\u2028"}',
  '{"a":"\\n\\r"}',
  '{"a":1}{"b":2}',
  '{"a":',
])('%s stays as it is, or is set aside with its bytes', (text) => {
  const [line] = passThrough([Buffer.from(text)]);
  expect(line?.bytes.toString()).toBe(text);
});

test.each([
  ['{\n"a":\r\n1}', '{ "a":  1}'],
  ['\n{"a":"x"}\n', ' {"a":"x"} '],
  ['{"a":"\\"",\n"b":"\\\\"\n}', '{"a":"\\"", "b":"\\\\" }'],
])('line breaks outside of strings become spaces: %j', (text, expected) => {
  expect(passThrough([Buffer.from(text)])).toEqual([{ bytes: Buffer.from(expected) }]);
});

test.each([
  ['a line break in a string', Buffer.from('{"a":"x\ny"}')],
  ['a return in a string', Buffer.from('{"a":"\\"x\ry"}')],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['UTF-8 of a surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ['an overlong form', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
  ['a character cut short', Buffer.from([0x22, 0xf0, 0x9f, 0x98, 0x22])],
  ['nothing', Buffer.alloc(0)],
  ['white space', Buffer.from(' \r\n\t')],
  ['a byte order mark', Buffer.from('\ufeff{}')],
  ['plain text', Buffer.from('hello\nworld')],
  ['a NUL', Buffer.from([0])],
])('%s is set aside with its bytes and the reason, and takes no neighbour with it', (_, message) => {
  const [before, line, after] = passThrough([Buffer.from('{"a":1}'), message, Buffer.from('{"b":2}')]);
  expect(line?.bytes).toEqual(message);
  expect(line?.why).toMatch(/^expected .+, got .+/);
  expect([before, after]).toEqual([{ bytes: Buffer.from('{"a":1}') }, { bytes: Buffer.from('{"b":2}') }]);
});

test.each(['{"_raw":"aGVsbG8=","_why":"mine"}', '{"_raw":"', '{"_raw":"x\ny"}', '\n{"_raw":"x"}'])(
  'a message that begins like our own form is not taken for it: %j',
  (text) => {
    const [line] = passThrough([Buffer.from(text)]);
    if (line?.why === undefined) expect(line?.bytes.toString().trim()).toBe(text.trim());
    else expect(line.bytes.toString()).toBe(text);
  },
);

test('messages of any size pass, and a message is copied at once', () => {
  const sizes = [0, 1, 65_534, 65_535, 65_536, 65_537, 5_000_000, 3, 131_072];
  const messages = sizes.map((size) => Buffer.from(JSON.stringify('x'.repeat(size))));
  const copies = messages.map((message) => Buffer.from(message));
  const buffer = new MessageBuffer();
  for (const copy of copies) {
    buffer.add(copy);
    copy.fill(0);
  }
  const lines = buffer.take().bytes.toString().split('\n').slice(0, -1);
  expect(lines).toEqual(messages.map(String));
});

test('what was taken is not changed by what comes after', () => {
  const buffer = new MessageBuffer();
  for (const size of [10, 60_000, 200_000]) {
    buffer.add(Buffer.from(JSON.stringify('a'.repeat(size))));
    const { bytes } = buffer.take();
    const copy = Buffer.from(bytes);
    for (let i = 0; i < 3; i++) {
      buffer.add(Buffer.from(JSON.stringify('b'.repeat(size))));
      buffer.take();
    }
    expect(bytes.equals(copy)).toBe(true);
  }
});

test('any bytes come out verbatim, with spaces for line breaks, or set aside byte for byte', () => {
  const pieces = ['{', '}', '"', '\\', '\n', '\r', ' ', 'a', '1', RAW_PREFIX, 'ü', '\u00ff'];
  const anyMessage = fc.oneof(
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.constantFrom(...pieces), { maxLength: 8 })
      .map((parts) => Buffer.from(parts.join(''), 'utf8')),
    fc
      .array(fc.constantFrom(...pieces), { maxLength: 8 })
      .map((parts) => Buffer.from(parts.join(''), 'latin1')),
    fc.json().map((text) => Buffer.from(text)),
  );
  const property = fc.property(fc.array(anyMessage, { maxLength: 6 }), (messages) => {
    const lines = passThrough(messages);
    expect(lines).toHaveLength(messages.length);
    for (const [i, message] of messages.entries()) {
      const line = lines[i] as Line;
      const original = message.toString('latin1');
      if (line.why !== undefined) expect(withoutMark(asText(line))).toBe(withoutMark(original));
      else expect(withoutMark(asText(line))).toBe(withoutMark(original.replace(/[\r\n]/g, ' ')));
    }
  });
  fc.assert(property, { numRuns: 2000 });
});

test.each([
  { framing: 'message', decode: 'json' },
  { framing: 'lines', decode: 'json' },
  { framing: 'message', decode: 'text' },
] as const)('messages of one read give the same lines as each by itself: %j', (form) => {
  const pieces = [
    '{',
    '}',
    '{"a":1}',
    '1',
    ' ',
    '\n',
    '\0',
    '',
    '"',
    RAW_PREFIX,
    '{"_id":1}',
    'ü',
    'plain text',
  ];
  const anyMessage = fc
    .array(fc.constantFrom(...pieces), { maxLength: 4 })
    .chain((parts) => fc.constantFrom(Buffer.from(parts.join('')), Buffer.from(parts.join(''), 'latin1')));
  const between = fc.uint8Array({ minLength: 1, maxLength: 4 });
  const property = fc.property(fc.array(fc.tuple(between, anyMessage), { maxLength: 12 }), (parts) => {
    const read = Buffer.concat([...parts.flat(), Buffer.from('rest')]);
    const ends = parts.map((_, i) => Buffer.concat(parts.slice(0, i + 1).flat()).length);
    const bounds = parts.flatMap(([, message], i) => [
      (ends[i] as number) - message.length,
      ends[i] as number,
    ]);
    const [together, singly] = [new MessageBuffer(form), new MessageBuffer(form)];
    for (const buffer of [together, singly]) buffer.add(Buffer.from('{"before":true}'));
    together.addAll(read, Int32Array.from(bounds), parts.length);
    for (const [, message] of parts) singly.add(message);
    expect(together.messages).toBe(singly.messages);
    expect(together.take().bytes.toString('latin1')).toBe(singly.take().bytes.toString('latin1'));
  });
  fc.assert(property, { numRuns: 1000 });
});

test('runs of any length pass', () => {
  const buffer = new MessageBuffer();
  const text = '{"n":12345}';
  const counts = [1, 5000, 20_000, 3];
  for (const count of counts) {
    const read = Buffer.from(`##${text}`.repeat(count));
    const bounds = Array.from({ length: count }, (_, i) => [
      i * (text.length + 2) + 2,
      (i + 1) * (text.length + 2),
    ]);
    buffer.addAll(read, Int32Array.from(bounds.flat()), count);
  }
  const { bytes, messages } = buffer.take();
  expect(messages).toBe(25_004);
  expect(bytes.toString()).toBe(`${text}\n`.repeat(25_004));
});

test('memory that is given back is used again, and nothing else', () => {
  const buffer = new MessageBuffer();
  const taken = () => {
    buffer.add(Buffer.from(JSON.stringify('a'.repeat(60_000))));
    return buffer.take().bytes;
  };
  const [first, second] = [taken(), taken()];
  buffer.reuse(first);
  buffer.reuse(Buffer.alloc(10));
  // One is in use already when the next message comes.
  const later = [taken(), taken(), taken()];
  expect(later.filter(({ buffer: memory }) => memory === first.buffer)).toHaveLength(1);
  expect(later.every(({ buffer: memory }) => memory !== second.buffer)).toBe(true);
  expect(later.map(String)).toEqual(Array.from({ length: 3 }, () => `"${'a'.repeat(60_000)}"\n`));
});
