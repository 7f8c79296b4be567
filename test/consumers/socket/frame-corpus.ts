const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
/** A code point of four bytes, to be cut. */
const SMILE = Buffer.from('😀');

/** A frame as a server would send it, or must not. */
export interface FrameParts {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly isFinal?: boolean;
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** Bytes of the length, where another number than the least is meant. */
  readonly lengthBytes?: 1 | 2 | 8;
  /** The length that is told, where it is not that of the payload. */
  readonly told?: bigint;
}

/** A stream of bytes, and the messages that must come out of it, as text of one byte a character. */
export interface FrameCase {
  readonly title: string;
  readonly bytes: Buffer;
  readonly messages: readonly string[];
}

export function frame({ opcode, payload = '', isFinal = true, reserved = 0, ...parts }: FrameParts): Buffer {
  const content = Buffer.from(payload as string);
  const length = parts.told ?? BigInt(content.length);
  const least = length < 126n ? 1 : length < 65_536n ? 2 : 8;
  const told = lengthField(length, parts.lengthBytes ?? least);
  const mask = parts.isMasked === true ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0);
  if (parts.isMasked === true) told[0] = (told[0] as number) | 0x80;
  const masked = mask.length === 0 ? content : content.map((byte, i) => byte ^ (mask[i % 4] as number));
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | (reserved << 4) | opcode]), told, mask, masked]);
}

function lengthField(length: bigint, bytes: 1 | 2 | 8): Buffer {
  if (bytes === 1) return Buffer.from([Number(length)]);
  const field = Buffer.alloc(1 + bytes);
  field[0] = bytes === 2 ? 126 : 127;
  if (bytes === 2) field.writeUInt16BE(Number(length), 1);
  else field.writeBigUInt64BE(length, 1);
  return field;
}

const text = (payload: Buffer | string, isFinal = true) => frame({ opcode: TEXT, payload, isFinal });
const more = (payload: Buffer | string, isFinal = false) => frame({ opcode: 0, payload, isFinal });
const ping = (payload: Buffer | string = '') => frame({ opcode: PING, payload });
const pong = (payload: Buffer | string = '') => frame({ opcode: PONG, payload });
const close = (code?: number, reason: Buffer | string = '') => {
  const number = Buffer.alloc(code === undefined ? 0 : 2);
  if (code !== undefined) number.writeUInt16BE(code);
  return frame({ opcode: CLOSE, payload: Buffer.concat([number, Buffer.from(reason as string)]) });
};
const letters = (length: number) => 'x'.repeat(length);
const of = (title: string, frames: readonly Buffer[], messages: readonly string[] = []): FrameCase => ({
  title,
  bytes: Buffer.concat(frames),
  messages,
});

const lengths = [0, 1, 125, 126, 127, 128, 65_535, 65_536].flatMap((length) =>
  [TEXT, BINARY].map((opcode) =>
    of(
      `opcode ${opcode}, ${length} bytes`,
      [text('a'), frame({ opcode, payload: letters(length) }), text('b')],
      ['a', letters(length), 'b'],
    ),
  ),
);

const longForms = ([2, 8] as const).map((lengthBytes) =>
  of(
    `a short length in ${lengthBytes} bytes`,
    [text('a'), frame({ opcode: TEXT, payload: '12', lengthBytes }), text('b')],
    ['a', '12', 'b'],
  ),
);

const controls = [
  of('a ping', [ping()]),
  of(
    'a ping with a payload between messages',
    [text('1'), ping('hi'), text('2'), text('3')],
    ['1', '2', '3'],
  ),
  of('a ping of 125 bytes', [ping(letters(125)), text('1')], ['1']),
  of('a ping of 126 bytes', [text('0'), ping(letters(126)), text('1')], ['0']),
  of('a pong of any bytes', [pong(Buffer.from([0, 255, 254])), text('1')], ['1']),
  of('ten pings with messages', Array.from({ length: 10 }, (_, i) => [ping(`${i}`), text(`m${i}`)]).flat(), [
    ...Array.from({ length: 10 }, (_, i) => `m${i}`),
  ]),
];

const reserved = [1, 2, 3, 4, 5, 6, 7].flatMap((bits) => [
  of(
    `reserved bits ${bits} in a message`,
    [text('0'), frame({ opcode: TEXT, reserved: bits, payload: 'x' }), text('1')],
    ['0'],
  ),
  of(
    `reserved bits ${bits} in a ping`,
    [text('0'), frame({ opcode: PING, reserved: bits }), text('1')],
    ['0'],
  ),
  of(`reserved bits ${bits} in a close`, [frame({ opcode: CLOSE, reserved: bits }), text('1')]),
]);

const opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
  of(`opcode ${opcode}`, [text('0'), frame({ opcode }), text('1')], ['0']),
  of(`opcode ${opcode} with a payload`, [text('0'), frame({ opcode, payload: 'abc' }), ping()], ['0']),
]);

const fragments = [
  of('two fragments', [text('fra', false), more('gment', true)], ['fragment']),
  of(
    'two fragments of binary',
    [frame({ opcode: BINARY, payload: 'a', isFinal: false }), more('b', true)],
    ['ab'],
  ),
  of(
    'fragments between messages',
    [text('0'), text('a', false), more('b'), more('c', true), text('1'), text('2')],
    ['0', 'abc', '1', '2'],
  ),
  of('empty fragments', [text('', false), more(''), more('', true), text('1')], ['', '1']),
  of(
    'one empty fragment and a full one',
    [text('', false), more('x'), more('', true), text('1')],
    ['x', '1'],
  ),
  of(
    'control frames between fragments',
    [text('a', false), ping('p'), more('b'), pong('q'), ping(), more('c', true), text('1'), ping('z')],
    ['abc', '1'],
  ),
  of(
    'a fragmented ping',
    [text('0'), frame({ opcode: PING, isFinal: false, payload: 'a' }), more('b', true)],
    ['0'],
  ),
  of('a fragmented pong', [frame({ opcode: PONG, isFinal: false }), more('', true)]),
  of('a continuation of nothing', [text('0'), more('x', true), text('1')], ['0']),
  of('a continuation of nothing that goes on', [more('x'), text('1')]),
  of('a continuation after the end', [text('a', false), more('b', true), more('c', true), text('1')], ['ab']),
  of('a message within a message', [text('a', false), text('b'), more('c', true)]),
  of('a message that is never ended', [text('0'), text('a', false), more('b')], ['0']),
  of('a close within a message', [text('a', false), close(1000), more('b', true), text('1')]),
  of(
    'fragments over the limit',
    [text('0'), text(letters(60_000), false), more(letters(60_000)), more(letters(60_000), true), text('1')],
    ['0'],
  ),
  of(
    'fragments that reach the limit',
    [text(letters(100_000), false), more('', true), text('1')],
    [letters(100_000), '1'],
  ),
  of(
    'a fragment over the limit',
    [text('0'), text('a', false), frame({ opcode: 0, told: 100_001n }), text('1')],
    ['0'],
  ),
  of(
    'many fragments',
    [text('0', false), ...Array.from({ length: 500 }, () => more('y')), more('', true), text('1')],
    [`0${'y'.repeat(500)}`, '1'],
  ),
  of('too many fragments', [
    text('0', false),
    ...Array.from({ length: 16_390 }, () => more('y')),
    more('', true),
    text('1'),
  ]),
];

const utf8 = [
  of(
    'a message of several bytes a character',
    [text('κόσμε😀')],
    [Buffer.from('κόσμε😀').toString('latin1')],
  ),
  of(
    'a fragment that ends within a character',
    [text(SMILE.subarray(0, 2), false), more(SMILE.subarray(2), true), text('1')],
    [SMILE.toString('latin1'), '1'],
  ),
  ...['ceba', 'eda080', 'f4908080', 'c080', 'ff', 'f09f98'].map((hex) =>
    of(
      `the bytes ${hex}, which are no UTF-8, for the next stage`,
      [text('0'), text(Buffer.from(hex, 'hex')), text('1')],
      ['0', Buffer.from(hex, 'hex').toString('latin1'), '1'],
    ),
  ),
];

const VALID_CODES = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

const closes = [
  of('a close without a code', [text('0'), close()], ['0']),
  of('a close of one byte', [text('0'), frame({ opcode: CLOSE, payload: 'x' }), text('1')], ['0']),
  of('a close with a reason', [close(1000, 'κόσμε')]),
  of('a reason of 123 bytes', [close(1000, letters(123))]),
  of('a reason of 124 bytes', [close(1000, letters(124))]),
  of('a reason that is no UTF-8', [close(1000, Buffer.from('ceba', 'hex'))]),
  of('a close that is not final', [frame({ opcode: CLOSE, isFinal: false }), text('1')]),
  of(
    'messages, ping and close behind a close',
    [text('0'), close(1001, 'bye'), text('1'), ping(), close(1000)],
    ['0'],
  ),
  ...[...VALID_CODES, ...INVALID_CODES].map((code) =>
    of(`close code ${code}`, [text('0'), close(code), text('1')], ['0']),
  ),
];

const told = [100_001n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
const huge = [
  of('a message of the limit', [text('0'), text(letters(100_000)), text('1')], ['0', letters(100_000), '1']),
  ...told.flatMap((length) => [
    of(`a length of ${length}`, [text('0'), frame({ opcode: TEXT, told: length, lengthBytes: 8 })], ['0']),
    of(`a length of ${length}, and some of it`, [
      frame({ opcode: BINARY, told: length, payload: letters(3000) }),
      text('1'),
    ]),
  ]),
  of('a connection that ends within a message', [text('0'), text(letters(300)).subarray(0, 200)], ['0']),
  of('a connection that ends within a header', [text('0'), text(letters(300)).subarray(0, 3)], ['0']),
];

const masked = [TEXT, BINARY, PING, CLOSE].map((opcode) =>
  of(
    `a masked frame of opcode ${opcode}`,
    [text('0'), frame({ opcode, payload: 'abc', isMasked: true }), text('1')],
    ['0'],
  ),
);

/** The longest message that the cases allow. */
export const MAX_BYTES = 100_000;

/** Modelled on sections 1 to 7 of the public Autobahn test suite. */
export const FRAME_CASES: readonly FrameCase[] = [
  ...lengths,
  ...longForms,
  ...controls,
  ...reserved,
  ...opcodes,
  ...fragments,
  ...utf8,
  ...closes,
  ...huge,
  ...masked,
];
