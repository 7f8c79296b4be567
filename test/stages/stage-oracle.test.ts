import { expect, test } from 'vitest';
import { type Found, type FoundBatch, StageOracle } from './stage-oracle.js';

const STAND_IN = '{"_raw":"AAAA"}\n';

/** An oracle that was told of three chunks, the first two of them acknowledged, and what each of them is. */
function putThree(isReplayable = false) {
  const oracle = new StageOracle(isReplayable);
  const chunks = [1, 2, 1].map((count) => oracle.nextChunk(count));
  chunks[1]?.onDurable?.();
  const [first, second, third] = chunks.map(({ bytes }) => Buffer.from(bytes).toString()) as [
    string,
    string,
    string,
  ];
  const times = chunks.map(({ receivedAtUs }) => receivedAtUs) as [number, number, number];
  return { oracle, first, second, third, times };
}

function batchOf(seq: number, parts: readonly (readonly [string, number])[]): FoundBatch {
  let offset = 0;
  const receipts = parts.map(([text, receivedAtUs]) => {
    const receipt = { offset, receivedAtUs, connection: 1 };
    offset += Buffer.byteLength(text);
    return receipt;
  });
  const bytes = Buffer.from(parts.map(([text]) => text).join(''));
  const messages = bytes.toString().split('\n').length - 1;
  return { stageId: 'a', seq, messages, byteLength: bytes.length, bytesThrough: 0, bytes, receipts };
}

function found(batches: readonly FoundBatch[], more: Partial<Found> = {}): Found {
  const lastReceivedUs = batches.at(-1)?.receipts.at(-1)?.receivedAtUs;
  let bytesThrough = 0;
  const summed = batches.map((batch) => {
    bytesThrough += batch.byteLength;
    return { ...batch, bytesThrough };
  });
  const rest = { gaps: [], prunedThrough: 0, hasAllFacts: true, position: undefined, passed: 0 };
  return { batches: summed, ...rest, lastReceivedUs, ...more };
}

test('what was acknowledged, with any or none of the rest, is as it should be', () => {
  for (const hasThird of [true, false]) {
    const { oracle, first, second, third, times } = putThree();
    const rest: readonly (readonly [string, number])[] = hasThird ? [[third, times[2]]] : [];
    const all = found([batchOf(1, [[first, times[0]]]), batchOf(2, [[second, times[1]], ...rest])]);
    oracle.judge(all);
    oracle.judge(all);
  }
});

test('a stand-in may be where a message was that nobody acknowledged, and then it stays', () => {
  const { oracle, first, second, times } = putThree();
  const kept = batchOf(1, [
    [first, times[0]],
    [second, times[1]],
  ]);
  const standIn = batchOf(2, [[STAND_IN, times[1]]]);
  oracle.judge(found([kept, standIn]));
  expect(() => oracle.judge(found([kept]))).toThrow('what a reader was given stays');
});

type Case = (all: ReturnType<typeof putThree>) => Found;

const BROKEN: Readonly<Record<string, Case>> = {
  'what was acknowledged is there': ({ first, times }) => found([batchOf(1, [[first, times[0]]])]),
  'each message is there once and in order': ({ first, second, times }) =>
    found([
      batchOf(1, [
        [first, times[0]],
        [second, times[1]],
        [first, times[0]],
      ]),
    ]),
  'what is there was put': ({ first, times }) => found([batchOf(1, [[`${first}"never"\n`, times[0]]])]),
  'a stand-in stands for messages that are lost': ({ first, second, times }) =>
    found([
      batchOf(1, [
        [first, times[0]],
        [second + STAND_IN + STAND_IN, times[1]],
      ]),
    ]),
  'no batch that was given is void': ({ first, second, times }) =>
    found([batchOf(2, [[first, times[0]]]), batchOf(1, [[second, times[1]]])]),
  'a batch knows the bytes until it': ({ first, second, times }) => {
    const batch = batchOf(1, [[first + second, times[0]]]);
    return { ...found([]), batches: [batch] };
  },
  'a batch says how many messages it has': ({ first, second, times }) =>
    found([{ ...batchOf(1, [[first + second, times[0]]]), messages: 2 }]),
  'a batch ends with a whole message': ({ first, second, times }) =>
    found([batchOf(1, [[`${first}${second}"torn`, times[0]]])]),
  'reception ended when it did': ({ first, second, times }) => {
    const batch = batchOf(1, [
      [first, times[0]],
      [second, times[1]],
    ]);
    return found([batch], { lastReceivedUs: times[2] + 1 });
  },
  'reception ended behind the last message': ({ first, second, times }) => {
    const batch = batchOf(1, [
      [first, times[0]],
      [second, times[1]],
    ]);
    return found([batch], { lastReceivedUs: times[0] });
  },
};

for (const [rule, broken] of Object.entries(BROKEN))
  test(`it is noticed when this is not so: ${rule}`, () => {
    const all = putThree();
    expect(() => all.oracle.judge(broken(all))).toThrow(rule);
  });

test('a message in a batch keeps its moment; one that was not in a batch yet may lose it', () => {
  const { oracle, first, second, third, times } = putThree();
  const inexact = found([batchOf(1, [[first + second + third, times[2]]])]);
  oracle.beforeSeal()();
  expect(() => oracle.judge(inexact)).toThrow('a message in a batch keeps its moment');
  putThree().oracle.judge(inexact);
});

test('batches that the reader passed may be removed, and no others', () => {
  const { oracle, first, second, third, times } = putThree();
  const left = { ...batchOf(2, [[second + third, times[2]]]), bytesThrough: 0 };
  const removed = (passed: number) => {
    const all = found([left], { prunedThrough: 1, passed });
    return { ...all, batches: [{ ...left, bytesThrough: Buffer.byteLength(first + second + third) }] };
  };
  oracle.give({ stageId: 'a', seq: 1, byteLength: first.length }, Buffer.from(first));
  expect(() => oracle.judge(removed(0))).toThrow('only what every reader has passed is removed');
  oracle.judge(removed(1));
  oracle.judge(removed(1));
  expect(() => oracle.judge(found([batchOf(1, [[first, times[0]]])]))).toThrow(
    'what a reader was given stays',
  );
});

test('of a replayable source what is there is a beginning, and the position is behind it', () => {
  const { first, second, times } = putThree(true);
  const judge = (text: string, position: number) =>
    putThree(true).oracle.judge(found([batchOf(1, [[text, times[0]]])], { position }));
  expect(() => judge(second, 2)).toThrow('a replayable source is kept from its beginning');
  expect(() => judge(first, 2)).toThrow('the position is behind what is sealed');
  judge(first, 1);
});

test('what was sealed of a replayable source is not cut', () => {
  const { oracle } = putThree(true);
  oracle.beforeSeal()();
  expect(() => oracle.resume(3)).toThrow('the position is behind what is sealed');
  oracle.resume(4);
  expect(() => oracle.judge(found([]))).toThrow('what was sealed stays');
});

test('what a reader was given stays, with its bytes and the id of its stage', () => {
  const { oracle, first, second, times } = putThree();
  const batch = { stageId: 'a', seq: 1, byteLength: first.length };
  const rule = 'the pair of stage and number names one content for ever';
  oracle.give(batch, Buffer.from(first));
  expect(() => oracle.give(batch, Buffer.from(second))).toThrow(rule);
  expect(() => oracle.give({ ...batch, stageId: 'b' })).toThrow(rule);
  expect(() => oracle.judge(found([]))).toThrow('what a reader was given stays');
  expect(() => oracle.judge(found([batchOf(1, [[first + second, times[1]]])]))).toThrow(rule);
});

test('a gap that is durable stays, and no other appears', () => {
  const oracle = new StageOracle(false);
  const { reason } = oracle.nextGap();
  oracle.beforeSeal()();
  expect(() => oracle.judge(found([]))).toThrow('a durable gap stays, once');
  expect(() => oracle.judge(found([], { gaps: [reason, reason] }))).toThrow('stays, once');
  expect(() => oracle.judge(found([], { gaps: [reason, 'another'] }))).toThrow(
    'a gap that is there was recorded',
  );
  oracle.judge(found([], { gaps: [reason] }));
  oracle.judge(found([], { hasAllFacts: false }));
});

test('what was put before a kill is not made durable by a seal after it', () => {
  const { oracle, first, second, times } = putThree();
  oracle.resume(undefined);
  oracle.beforeSeal()();
  const kept = batchOf(1, [
    [first, times[0]],
    [second, times[1]],
  ]);
  oracle.judge(found([kept]));
});
