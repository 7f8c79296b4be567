import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { expect, onTestFinished, test } from 'vitest';
import {
  atMessage,
  everySecond,
  isCommitAnswer,
  isCommitRequest,
  type PgProxy,
  startProxy,
} from './commit-cut-proxy.js';
import { createDatabase, type TestDatabase } from './database.js';
import { until } from './until.js';

interface Scene {
  readonly database: TestDatabase;
  readonly proxy: PgProxy;
}

async function openScene(): Promise<Scene> {
  const database = await createDatabase();
  await database.query('CREATE TABLE target (n int, filler text)');
  await database.query('CREATE TABLE _socket_el_loads (n int)');
  return { database, proxy: await startProxy(database.profile()) };
}

async function connect({ database, proxy }: Scene): Promise<pg.Client> {
  const client = new pg.Client({ ...database.profile(proxy.address), ssl: false });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function copyRows(client: pg.Client, first: number, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => `${first + index}\t${'x'.repeat(200)}\n`);
  await pipeline(
    Readable.from(lines.join(''), { objectMode: false }),
    client.query(copyFrom('COPY target FROM STDIN')),
  );
}

/** One transaction with COPY; whether the client learned that it committed. */
async function load(scene: Scene, first: number, count = 10): Promise<boolean> {
  const client = await connect(scene);
  await client.query('BEGIN');
  await copyRows(client, first, count);
  return client.query('COMMIT').then(
    () => true,
    () => false,
  );
}

test('every second answer to COMMIT is cut after the server has committed', async () => {
  const scene = await openScene();
  scene.proxy.rule = everySecond(isCommitAnswer);
  const learned = [await load(scene, 0), await load(scene, 10), await load(scene, 20), await load(scene, 30)];
  expect(learned).toEqual([false, true, false, true]);
  expect(scene.proxy.cuts).toBe(2);
  expect(await scene.database.count('target')).toBe(40);
});

test('a request for COMMIT that is cut leaves nothing behind', async () => {
  const scene = await openScene();
  scene.proxy.rule = everySecond(isCommitRequest);
  expect([await load(scene, 0), await load(scene, 10)]).toEqual([false, true]);
  expect(await scene.database.query('SELECT min(n), count(*)::int FROM target')).toEqual([
    { min: 10, count: 10 },
  ]);
});

test('transactions that load nothing are not cut, ledger inserts in either protocol are', async () => {
  const scene = await openScene();
  scene.proxy.rule = isCommitAnswer;
  const client = await connect(scene);
  await client.query('BEGIN; INSERT INTO target VALUES (1); COMMIT');
  await client.query('BEGIN');
  await client.query({ text: 'SELECT $1::int', values: [1] });
  await client.query({ name: 'end', text: 'COMMIT' });
  expect(scene.proxy.cuts).toBe(0);
  await client.query('BEGIN');
  await client
    .query({ name: 'ledger', text: 'INSERT INTO nowhere._socket_el_loads VALUES ($1)', values: [1] })
    .catch(() => {});
  await client.query('ROLLBACK');
  await client.query({ text: 'INSERT INTO "public"."_socket_el_loads" VALUES ($1)', values: [2] });
  await client.query('BEGIN');
  await client.query({ name: 'again', text: 'INSERT INTO public._socket_el_loads VALUES ($1)', values: [3] });
  await expect(client.query({ name: 'end', text: 'COMMIT' })).rejects.toThrow();
  expect(scene.proxy.cuts).toBe(1);
  expect(await scene.database.count('_socket_el_loads')).toBe(2);
});

test('megabytes pass whole', async () => {
  const scene = await openScene();
  expect(await load(scene, 0, 50_000)).toBe(true);
  const client = await connect(scene);
  const { rows } = await client.query('SELECT n, filler FROM target ORDER BY n');
  expect(rows.filter(({ n, filler }, index) => n !== index || filler !== 'x'.repeat(200))).toEqual([]);
  expect(rows).toHaveLength(50_000);
});

test('a connection can be cut at a message of either direction', async () => {
  const scene = await openScene();
  scene.proxy.rule = atMessage('server', 3);
  await expect(connect(scene)).rejects.toThrow();
  scene.proxy.rule = atMessage('client', 1);
  await expect(connect(scene)).rejects.toThrow();
  expect(scene.proxy.cuts).toBe(2);
  scene.proxy.rule = () => false;
  expect(await load(scene, 0)).toBe(true);
});

test('a paused proxy answers nobody until it is resumed, a refusing one lets nobody in', async () => {
  const scene = await openScene();
  const client = await connect(scene);
  scene.proxy.pause();
  let answered = false;
  const query = client.query('INSERT INTO target VALUES (1)').then(() => (answered = true));
  const late = connect(scene);
  const other = await createDatabase();
  expect(await other.count('target')).toBe(0);
  expect([answered, await scene.database.count('target')]).toEqual([false, 0]);
  scene.proxy.resume();
  await Promise.all([query, late]);
  const { port } = scene.proxy.address;
  await scene.proxy.refuse();
  await expect(connect(scene)).rejects.toThrow('ECONNREFUSED');
  await expect(client.query('SELECT 1')).rejects.toThrow();
  await scene.proxy.accept();
  expect(scene.proxy.address.port).toBe(port);
  await until(() => load(scene, 0), { timeoutMs: 5000 });
});
