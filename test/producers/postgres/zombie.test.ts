import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { LEDGER_TABLE } from '../../../src/producers/postgres/ledger.js';
import { markLoad } from '../../../src/producers/postgres/load-mark.js';
import { prepareSchema } from '../../../src/producers/postgres/prepare.js';
import { terminateZombies } from '../../../src/producers/postgres/zombie.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';

const STAGE = '00000000-0000-4000-8000-000000000001';
const PLACE = { schema: 'test', stageId: STAGE, producer: 'warehouse' };
const LEDGER = `test.${LEDGER_TABLE}`;
const AGE_MS = 200;

/** Connections to a database with an empty ledger. */
async function createSink() {
  const database = await createDatabase();
  const connect = async () => {
    const client = new pg.Client({
      ...database.profile(),
      application_name: 'socket-el market_data warehouse',
    });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  };
  const looker = await connect();
  await prepareSchema(looker, 'test');
  return { database, connect, looker };
}

interface Load {
  readonly stageId?: string;
  readonly producer?: string;
  readonly locks?: string;
}

/** Begins a load that goes no further, and gives its backend's process. */
async function startLoad(
  client: pg.Client,
  { stageId = STAGE, producer = 'warehouse', locks = LEDGER }: Load = {},
) {
  await client.query(`BEGIN; ${markLoad(stageId, producer)}; LOCK TABLE ${locks} IN ROW EXCLUSIVE MODE`);
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

async function pidsOf(database: TestDatabase): Promise<number[]> {
  const rows = await database.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE datname = current_database()',
  );
  return rows.map(({ pid }) => pid);
}

const untilOld = () => {
  const at = performance.now() + AGE_MS + 100;
  return until(() => performance.now() > at, { timeoutMs: 5000 });
};

test('a load that has waited for its client for long is ended, and the marked name is that of its transaction', async () => {
  const { database, connect, looker } = await createSink();
  const client = await connect();
  const pid = await startLoad(client);
  const { rows } = await client.query('SHOW application_name');
  expect(rows[0].application_name).toMatch(/^socket-el market_data warehouse #[0-9a-f]{12}$/);
  await untilOld();
  expect(await terminateZombies(looker, PLACE, AGE_MS)).toEqual([pid]);
  await until(async () => !(await pidsOf(database)).includes(pid as number), { timeoutMs: 5000 });
});

test('a long name is cut, its mark is not', async () => {
  const { connect } = await createSink();
  const client = await connect();
  await client.query(`SET application_name = '${'x'.repeat(63)}'; BEGIN; ${markLoad(STAGE, 'warehouse')}`);
  const { rows } = await client.query('SHOW application_name');
  expect(rows[0].application_name).toMatch(/^x{48} #[0-9a-f]{12}$/);
});

test('a load that began just now is left alone', async () => {
  const { connect, looker } = await createSink();
  await startLoad(await connect());
  expect(await terminateZombies(looker, PLACE)).toEqual([]);
});

test.each([
  ['of another stage', { stageId: '00000000-0000-4000-8000-000000000002' }],
  ['into another producer', { producer: 'quotes' }],
  ['that does not hold the ledger', { locks: 'test._socket_el_dead_letters' }],
])('a load %s is left alone', async (_, load) => {
  const { connect, looker } = await createSink();
  await startLoad(await connect(), load);
  await untilOld();
  expect(await terminateZombies(looker, PLACE, AGE_MS)).toEqual([]);
});

test('a load that is at work is left alone', async () => {
  const { connect, looker } = await createSink();
  const client = await connect();
  await startLoad(client);
  const work = client.query('SELECT pg_sleep(1)');
  await untilOld();
  expect(await terminateZombies(looker, PLACE, AGE_MS)).toEqual([]);
  await work;
});

test('the mark is gone with the transaction', async () => {
  const { connect, looker } = await createSink();
  const client = await connect();
  await startLoad(client);
  await client.query('COMMIT');
  const { rows } = await client.query('SHOW application_name');
  expect(rows[0].application_name).toBe('socket-el market_data warehouse');
  expect(await terminateZombies(looker, PLACE, 0)).toEqual([]);
});
