import { expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './database.js';
import {
  faultsOf,
  judgeTable,
  missingBetween,
  NO_FAULTS,
  outsideGaps,
  owedBy,
  type Verdict,
} from './oracle.js';
import { expectedRow, PAYLOAD_COLUMNS } from './payload.mjs';

const SEED = 9;
const ISSUED = 200;

async function createLoaded(): Promise<TestDatabase> {
  const database = await createDatabase();
  const columns = Object.entries(PAYLOAD_COLUMNS).map(([name, type]) => `"${name}" ${type}`);
  await database.query(`CREATE TABLE trades (${columns.join(', ')})`);
  const rows = Array.from({ length: ISSUED }, (_, seq) => expectedRow(SEED, seq));
  await database.query('INSERT INTO trades SELECT * FROM json_populate_recordset(null::trades, $1)', [
    JSON.stringify(rows),
  ]);
  return database;
}

async function judgeAfter(damage: string): Promise<Verdict> {
  const database = await createLoaded();
  await database.query(damage);
  return judgeTable({ database, table: 'trades', seed: SEED, issued: ISSUED });
}

test('a table that holds what was sent has no fault', async () => {
  const verdict = await judgeAfter('SELECT 1');
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect([verdict.rows, missingBetween(verdict, 0, ISSUED)]).toEqual([ISSUED, []]);
});

test('a doubled row, a phantom and a missing one are found', async () => {
  expect((await judgeAfter('INSERT INTO trades SELECT * FROM trades WHERE seq = 17')).duplicates).toEqual([
    17,
  ]);
  expect((await judgeAfter('UPDATE trades SET seq = 200 WHERE seq = 17')).phantoms).toHaveLength(1);
  expect((await judgeAfter('UPDATE trades SET seq = NULL WHERE seq = 17')).phantoms).toHaveLength(1);
  const verdict = await judgeAfter('DELETE FROM trades WHERE seq IN (17, 18)');
  expect(missingBetween(verdict, 0, ISSUED)).toEqual([17, 18]);
});

test.each([
  [
    'the last bit of a double',
    'UPDATE trades SET "priceUsd" = "priceUsd" * (1 + 2.3e-16::float8) WHERE seq = 3',
  ],
  ['one digit of a long integer', 'UPDATE trades SET trade_id = trade_id - 1 WHERE seq = 3'],
  ['a null', 'UPDATE trades SET exchange = NULL WHERE seq = 3'],
  ['a swapped boolean', 'UPDATE trades SET maker = NOT maker WHERE seq = 3'],
  [
    'a value in a column that was never sent',
    'ALTER TABLE trades ADD _rest jsonb; UPDATE trades SET _rest = \'{"a":1}\' WHERE seq = 3',
  ],
])('a corrupt value is found: %s', async (_, damage) => {
  const { corrupt } = await judgeAfter(damage);
  expect(corrupt).toHaveLength(1);
  expect(corrupt[0]).toMatch(/^seq 3: /);
});

test('a column of another type makes every row corrupt', async () => {
  expect((await judgeAfter('ALTER TABLE trades ALTER price TYPE text')).corrupt).toHaveLength(20);
});

const LOG = {
  issued: 40,
  connections: [
    { openedAt: 1000, openedSeq: 10, closedAt: 2000, closedSeq: 20 },
    { openedAt: 3000, openedSeq: 30, closedAt: null, closedSeq: null },
  ],
  tickSeqs: [0, 10, 20, 30],
  tickTimes: [900, 1000, 2000, 3000],
};

test('a connection owes what was sent on it in time', () => {
  expect(owedBy(LOG, 0, 2200)).toEqual([10, 30]);
  expect(owedBy(LOG, 0, 2199)).toEqual([10, 20]);
  expect(owedBy(LOG, 1, 3100)).toEqual([30, 30]);
  expect(() => owedBy(LOG, 2, 4000)).toThrow('no number 2');
});

test('a missing seq that was sent outside of every gap is found', () => {
  const gap = (fromMs: number, toMs: number) => [{ fromMs, toMs, reason: 'killed' }];
  expect(outsideGaps(LOG, [20, 25], gap(1990, 2500))).toEqual([]);
  expect(outsideGaps(LOG, [20, 25], gap(1000, 1999))).toEqual([20, 25]);
  expect(outsideGaps(LOG, [19, 20], gap(2050, 2500))).toEqual([19]);
  expect(outsideGaps(LOG, [20], [])).toEqual([20]);
});
