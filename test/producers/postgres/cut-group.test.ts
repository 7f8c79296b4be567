import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { allocateForKernel } from '../../../src/producers/postgres/encode/kernel-memory.js';
import { PostgresProducer } from '../../../src/producers/postgres/postgres.js';
import { postgresSchema } from '../../../src/producers/postgres/settings.js';
import type { Source } from '../../../src/producers/producer.js';
import type { Batch, Stage } from '../../../src/stages/stage.js';
import { Counters } from '../../../src/utils/counters.js';
import { decodeSettings } from '../../stages/staged.js';
import { createDatabase } from '../../support/database.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { until } from '../../support/until.js';
import { writeProfile } from '../../support/workspace.js';

const STAGE_ID = '00000000-0000-4000-8000-000000000002';
const MEBIBYTE = 1024 * 1024;

/** A batch of rows `{"n":…}` of about so many bytes, each read after `gate`. */
function createBatch(seq: number, byteLength: number, gate: () => Promise<unknown> = async () => {}): Batch {
  const text = 'x'.repeat(990);
  const rows = Array.from(
    { length: Math.ceil(byteLength / 1000) },
    (_, i) => `{"n":${seq * 100_000 + i},"t":"${text}"}`,
  );
  const bytes = Buffer.from(rows.map((row) => `${row}\n`).join(''));
  const receipts = [{ offset: 0, receivedAtUs: 1_700_000_000_000_000, connection: 1 }];
  const names = { stageId: STAGE_ID, consumer: 'rows', seq, previous: seq - 1, bytesThrough: 0, gaps: [] };
  const read = async () => {
    await gate();
    return { bytes, receipts };
  };
  return { ...names, messages: rows.length, byteLength: bytes.length, crc: crc32(bytes), read };
}

async function createSink() {
  const database = await createDatabase();
  await database.query('CREATE SCHEMA test; CREATE TABLE test.rows (n int8, t text)');
  const home = await createTempFolder();
  await writeProfile(home, database.profile());
  const source: Source = {
    consumer: 'rows',
    stage: undefined as unknown as Stage,
    decode: decodeSettings({}),
    table: 'rows',
    endsWithSource: false,
  };
  const settings = postgresSchema.parse({
    name: 'warehouse',
    type: 'producer',
    variety: 'postgres',
    depends_on: ['rows'],
  });
  const producer = new PostgresProducer(settings, {
    name: 'warehouse',
    pipeline: 'p',
    sources: [source],
    logger: { log: () => {} },
    counters: new Counters(),
    folder: home,
    profileFiles: [join(home, '.socket_el', 'profile.yml')],
    onSecret: () => {},
  });
  onTestFinished(() => producer.close());
  await producer.ensureOpen();
  await producer.checkTargets();
  const seqs = async () => {
    const rows = await database.query<{ seq: string }>('SELECT seq FROM test._socket_el_loads ORDER BY seq');
    return rows.map(({ seq }) => Number(seq));
  };
  return { database, producer, source, seqs };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  await until(() => signal.aborted, { timeoutMs: 10_000 });
}

test('of a group that is still being encoded when the server is free, it gets what there is', async () => {
  const { database, producer, source, seqs } = await createSink();
  const asked = new AbortController();
  const group = [
    createBatch(1, 3 * MEBIBYTE),
    createBatch(2, 3 * MEBIBYTE, () => untilAborted(asked.signal)),
    createBatch(3, 3 * MEBIBYTE, () => until(async () => (await seqs()).includes(2), { timeoutMs: 10_000 })),
    createBatch(4, 3 * MEBIBYTE),
  ];
  const messages = group.reduce((sum, batch) => sum + batch.messages, 0);
  producer.prepare(group, source);
  const written = producer.write(group, source);
  asked.abort();
  expect(await written).toMatchObject({ messages, loadedRows: messages, rows: messages, skippedRows: 0 });
  expect(await seqs()).toEqual([1, 2, 3, 4]);
  const [sums] = await database.query(
    'SELECT count(*)::int AS rows, count(DISTINCT n)::int AS different FROM test.rows',
  );
  expect(sums).toEqual({ rows: messages, different: messages });
});

test('what failed behind the first batches of a group is loaded later, and counted once', async () => {
  const { producer, source, seqs } = await createSink();
  const asked = new AbortController();
  let failures = 2;
  const failTwice = async () => {
    if (failures-- > 0) throw new Error('the disk is gone');
  };
  const group = [
    createBatch(1, 5 * MEBIBYTE, () => untilAborted(asked.signal)),
    createBatch(2, 5 * MEBIBYTE, failTwice),
    createBatch(3, 5 * MEBIBYTE),
  ];
  const messages = group.reduce((sum, batch) => sum + batch.messages, 0);
  producer.prepare(group, source);
  const written = producer.write(group, source);
  asked.abort();
  await expect(written).rejects.toMatchObject({ cause: { message: 'the disk is gone' } });
  expect(await seqs()).toEqual([1]);
  const receipt = await producer.write(group, source);
  expect(receipt).toMatchObject({ messages, skippedMessages: 0, loadedRows: messages, skippedRows: 0 });
  expect(await producer.write([...group], source)).toMatchObject({
    messages,
    skippedMessages: messages,
    loadedRows: 0,
  });
  expect(await seqs()).toEqual([1, 2, 3]);
});

test('loads that fail again and again take no more memory than one', async () => {
  const { database, producer, source, seqs } = await createSink();
  await database.query(`
    CREATE FUNCTION test.fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '40001'; END $$;
    CREATE TRIGGER fails AFTER INSERT ON test.rows FOR EACH STATEMENT EXECUTE FUNCTION test.fail()`);
  const groups = [1, 2].map((n) => [createBatch(2 * n - 1, MEBIBYTE), createBatch(2 * n, MEBIBYTE)]);
  const failOnce = async () => {
    for (const group of groups) producer.prepare(group, source);
    await expect(producer.write(groups[0] as Batch[], source)).rejects.toThrow('not now');
  };
  for (let i = 0; i < 3; i++) await failOnce();
  const before = allocateForKernel(0);
  for (let i = 0; i < 10; i++) await failOnce();
  const after = allocateForKernel(0);
  expect([after.buffer === before.buffer, after.byteOffset - before.byteOffset]).toEqual([true, 64]);
  await database.query('DROP TRIGGER fails ON test.rows');
  for (const group of groups) await producer.write(group, source);
  expect(await seqs()).toEqual([1, 2, 3, 4]);
});
