import { expect, test } from 'vitest';
import type { Fact, SealedFact } from '../../../src/stages/log/fact.js';
import { WriterState } from '../../../src/stages/log/writer-state.js';

const sealed = (seq: number, segment: number, receivedUs: number): SealedFact => ({
  fact: 'sealed',
  seq,
  segment,
  from: 0,
  to: 10,
  messages: 1,
  crc: 1,
  receipts: [0, 1],
  received_us: receivedUs,
  position: { offset: seq },
  by: 'size',
});

function stateOf(facts: readonly Fact[]): WriterState {
  const state = new WriterState();
  for (const fact of facts) state.apply(fact);
  return state;
}

test('the first line of the next manifest file says all that the facts before it said', () => {
  const state = stateOf([
    { fact: 'opened', epoch: 3, at: '', pid: 1 },
    sealed(1, 1, 100),
    sealed(2, 2, 200),
    { fact: 'ended', epoch: 3, at: '', by: 'source' },
  ]);
  const header = state.header('id');
  expect(header).toMatchObject({
    next_seq: 3,
    next_segment: 3,
    epoch: 3,
    ended: true,
    position: { offset: 2 },
  });
  expect(header.open).toHaveLength(2);
  expect(stateOf([header]).header('id')).toEqual(header);
});

test('a segment that is finished is in no later first line', () => {
  const state = stateOf([sealed(1, 1, 100), sealed(2, 2, 200)]);
  state.finish(1);
  expect(state.header('id').open).toEqual([{ segment: 2, to: 10, receipts: 1 }]);
  state.finishAll();
  expect(state.header('id').open).toEqual([]);
});

test('a batch that is sealed after a gap does not move the last moment of reception back', () => {
  const gap: Fact = { fact: 'gap', from: '', to: '', reason: '', to_us: 500 };
  expect(stateOf([gap, sealed(1, 1, 100)]).lastReceivedUs).toBe(500);
});

test('a source that is opened again has not ended', () => {
  const ended: Fact = { fact: 'ended', epoch: 1, at: '', by: 'source' };
  expect(stateOf([ended, { fact: 'opened', epoch: 2, at: '', pid: 1 }]).hasEnded).toBe(false);
});
