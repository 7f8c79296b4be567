import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import type { EncodedPart } from '../../../src/producers/postgres/batch-encoder.js';
import { createDeadLetters } from '../../../src/producers/postgres/dead-letters.js';
import {
  collapseLedger,
  createLedger,
  enterParts,
  forgetBatches,
} from '../../../src/producers/postgres/ledger.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

const STAGE = '00000000-0000-4000-8000-000000000001';
const STEP = 500;

async function connect(): Promise<pg.Client> {
  const client = await connectTo(await createDatabase());
  await client.query(`${createLedger('public')}; ${createDeadLetters('public')}`);
  return client;
}

async function connectTo(database: TestDatabase): Promise<pg.Client> {
  const { schema: _, ...address } = database.profile();
  const client = new pg.Client(address);
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

function part(seq: number, target = 't'): EncodedPart {
  const batch = {
    stageId: STAGE,
    consumer: 'c',
    seq,
    messages: 2,
    byteLength: 10,
    crc: seq,
    previous: seq - 1,
    bytesThrough: 0,
    gaps: [],
    read: async () => ({ bytes: Buffer.alloc(0), receipts: [] }),
  };
  return { batch, target, from: 0, to: 0, loadedRows: 2, discardedRows: 0, deadLetters: [] };
}

/** Enters batches as loads do, and gives how many were not in the ledger. */
async function enter(client: pg.Client, from: number, to: number): Promise<number> {
  let count = 0;
  for (let first = from; first <= to; first += STEP) {
    const length = Math.min(STEP, to - first + 1);
    await client.query('BEGIN');
    const entered = await enterParts(
      client,
      'public',
      Array.from({ length }, (_, i) => part(first + i)),
    );
    await collapseLedger(client, 'public', entered);
    await client.query('COMMIT');
    count += entered.length;
  }
  return count;
}

async function sums(client: pg.Client) {
  const { rows } = await client.query(
    'SELECT count(*)::int AS lines, sum(rows)::int AS rows, sum(messages)::int AS messages, max(through)::int AS through FROM _socket_el_loads',
  );
  return rows[0];
}

test('lines of old batches are put together, add up, and still say what is held', async () => {
  const client = await connect();
  expect(await enter(client, 1, 26_000)).toBe(26_000);
  const { lines, through, ...total } = await sums(client);
  expect(total).toEqual({ rows: 52_000, messages: 52_000 });
  expect(lines).toBe(26_000 - through + 1);
  expect(lines).toBeLessThan(16_000);
  expect(await enter(client, 1, 26_001)).toBe(1);
  expect(await sums(client)).toMatchObject({ rows: 52_002 });
});

test('a target that is new is held by no line, also of old batches', async () => {
  const client = await connect();
  await enter(client, 1, 26_000);
  await client.query('BEGIN');
  const entered = await enterParts(client, 'public', [
    part(1),
    part(1, 'other'),
    part(25_999),
    part(25_999, 'other'),
  ]);
  await client.query('COMMIT');
  expect(entered.map(({ batch, target }) => [batch.seq, target])).toEqual([
    [1, 'other'],
    [25_999, 'other'],
  ]);
});

test('a target that came later takes the batches before it, and holds them when lines were put together again', async () => {
  const client = await connect();
  await enter(client, 1, 26_000);
  const load = async (from: number, to: number) => {
    await client.query('BEGIN');
    const parts = Array.from({ length: to - from + 1 }, (_, i) => part(from + i, 'later'));
    const entered = await enterParts(client, 'public', parts);
    await collapseLedger(client, 'public', entered);
    await client.query('COMMIT');
    return entered.length;
  };
  expect(await load(8000, 9000)).toBe(1001);
  for (let from = 9001; from < 26_000; from += 1000) await load(from, from + 999);
  expect(await load(8000, 8100), 'put together by now').toBe(0);
  expect(await load(1, 8100)).toBe(7999);
  expect(await load(1, 26_000)).toBe(0);
});

test('a target that is filled from before holds nothing between that it does not have', async () => {
  const client = await connect();
  const load = async (from: number, to: number) => {
    let count = 0;
    for (let first = from; first <= to; first += 1000) {
      const length = Math.min(1000, to - first + 1);
      await client.query('BEGIN');
      const parts = Array.from({ length }, (_, i) => part(first + i));
      const entered = await enterParts(client, 'public', parts);
      await collapseLedger(client, 'public', entered);
      await client.query('COMMIT');
      count += entered.length;
    }
    return count;
  };
  expect(await load(30_001, 50_000)).toBe(20_000);
  expect(await load(1, 30_000)).toBe(30_000);
  expect(await load(1, 50_000)).toBe(0);
  await load(50_001, 60_000);
  expect(await load(1, 60_000)).toBe(0);
  expect((await sums(client)).rows).toBe(120_000);
});

test('what is forgotten can be loaded again, from within what was put together too', async () => {
  const client = await connect();
  await enter(client, 1, 26_000);
  expect(await forgetBatches(client, 'public', { stageId: STAGE, first: 101, targets: ['t'] })).toBe(25_900);
  expect(await enter(client, 1, 26_000)).toBe(25_900);
});

test('two loaders of one stage never hold a batch both, while lines are put together', async () => {
  const database = await createDatabase();
  const [client, other] = [await connectTo(database), await connectTo(database)];
  await client.query(`${createLedger('public')}; ${createDeadLetters('public')}`);
  const counts = await Promise.all([enter(client, 1, 21_000), enter(other, 1, 21_000)]);
  expect(counts[0] + counts[1]).toBe(21_000);
  expect(await sums(client)).toMatchObject({ rows: 42_000 });
});
