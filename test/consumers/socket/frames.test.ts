import { expect, test } from 'vitest';
import { between, createRandom, pick } from '../../support/random.js';
import { FRAME_CASES, type FrameCase, frame, MAX_BYTES } from './frame-corpus.js';
import { type Talk, talk } from './frame-talk.js';

/** Of a longer stream only the ends are cut byte by byte. */
const FINE_BYTES = 400;

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map(Math.floor))].filter((at) => at > 0 && at < bytes.length);
  const bounds = [0, ...ends.sort((a, b) => a - b), bytes.length];
  return bounds.slice(1).map((end, i) => bytes.subarray(bounds[i], end));
}

function byteByByte(bytes: Buffer): Buffer[] {
  const places = Array.from({ length: FINE_BYTES }, (_, i) => [i, bytes.length - i]).flat();
  return cutAt(bytes, places);
}

function atRandom(bytes: Buffer, random: () => number): Buffer[] {
  const count = between(random, 1, 12);
  return cutAt(
    bytes,
    Array.from({ length: count }, () => between(random, 0, bytes.length)),
  );
}

/** @returns what came by the lane */
async function expectSame(reads: readonly Buffer[], isAtOnce: boolean): Promise<Talk> {
  const manner = { isAtOnce, maxBytes: MAX_BYTES };
  const theirs = await talk(reads, { ...manner, way: 'ws' });
  const [ours, inPlace] = [
    await talk(reads, { ...manner, way: 'events' }),
    await talk(reads, { ...manner, way: 'in place' }),
  ];
  expect(ours).toEqual({ ...theirs, fast: ours.fast });
  expect(inPlace).toEqual(ours);
  expect(theirs.fast).toBe(0);
  return ours;
}

function messagesOf({ events }: Talk): string[] {
  const messages = events.filter((event) => event.startsWith('message '));
  return messages.map((event) => Buffer.from(event.slice(8), 'base64').toString('latin1'));
}

const named = FRAME_CASES.map((one): [string, FrameCase] => [one.title, one]);

test.each(named)('%s: the same as by ws alone, however it is cut', async (title, { bytes, messages }) => {
  const random = createRandom(title.length * 7919 + bytes.length);
  const cuts = [[bytes], byteByByte(bytes), ...Array.from({ length: 4 }, () => atRandom(bytes, random))];
  for (const [i, reads] of cuts.entries()) {
    for (const isAtOnce of i < 2 ? [true, false] : [random() < 0.5]) {
      expect(messagesOf(await expectSame(reads, isAtOnce))).toEqual(messages);
    }
  }
});

/** Mostly messages, with everything else that may come, and at last perhaps something that must not. */
function anyStream(random: () => number): Buffer {
  const payload = () => Buffer.alloc(pick(random, [0, 1, 5, 125, 126, 200, 3000]), between(random, 97, 123));
  const part = (): readonly Buffer[] => {
    const chance = random();
    if (chance < 0.8) return [frame({ opcode: pick(random, [1, 2]), payload: payload() })];
    if (chance < 0.9) return [frame({ opcode: pick(random, [9, 10]), payload: payload().subarray(0, 125) })];
    const middle = Array.from({ length: between(random, 0, 3) }, part).flatMap(([first]) =>
      first !== undefined && (first[0] as number) >= 0x89 ? [first] : [],
    );
    return [
      frame({ opcode: 1, payload: payload(), isFinal: false }),
      ...middle,
      frame({ opcode: 0, payload: payload() }),
    ];
  };
  const last = pick(random, [
    Buffer.alloc(0),
    frame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) }),
    frame({ opcode: 3 }),
    frame({ opcode: 0, payload: 'x' }),
    frame({ opcode: 1, isMasked: true }),
  ]);
  const parts = Array.from({ length: between(random, 1, 40) }, part).flat();
  return Buffer.concat([...parts, last, frame({ opcode: 1, payload: 'behind' })]);
}

test('300 streams of any frames give the same as by ws alone, in any cuts', async () => {
  let fast = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const random = createRandom(seed);
    const talked = await expectSame(atRandom(anyStream(random), random), random() < 0.5);
    fast += talked.fast;
  }
  expect(fast).toBeGreaterThan(1000);
});

test('whole messages do not go through ws', async () => {
  const messages = Array.from({ length: 100 }, (_, i) => frame({ opcode: 1, payload: `{"n":${i}}` }));
  const { fast, events } = await expectSame([Buffer.concat(messages), Buffer.concat(messages)], true);
  expect(fast).toBe(200);
  expect(events).toHaveLength(201);
});
