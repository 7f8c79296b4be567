import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliProcess, runnerOf } from '../support/cli.js';
import {
  isAccepted,
  openSampleDatabase,
  type ProfileEntry,
  serverUrl,
  type TestDatabase,
} from '../support/database.js';
import { type LiveFeed, startFeed } from '../support/live-feed.js';
import { brief, faultsOf, judgeTable, missingBetween, NO_FAULTS, NONE } from '../support/oracle.js';
import { PAYLOAD_COLUMNS } from '../support/payload.mjs';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const COUNT = 50_000;
const SEEDS = { websocket_1: 101, websocket_2: 202 } as const;
const CONSUMERS = Object.keys(SEEDS) as (keyof typeof SEEDS)[];

/** The sample of the requirements, letter by letter but for the addresses. */
const sampleConfig = (feed: LiveFeed) => `runners:
  - name: websocket_1
    variety: socket
    type: consumer
    uri: ${feed.uri('/trades/binance')}
    stage: {type: local, path: 'tmp'}
    batch_configuration: {size: 100}
  - name: websocket_2
    variety: socket
    type: consumer
    uri: ${feed.uri('/trades/huobi')}
    stage: {type: local, path: 'tmp'}
    batch_configuration: {size: 100}
  - name: postgres
    variety: postgres
    depends_on: [websocket_1, websocket_2]
    type: producer
    profile: postgres
`;

/** The sample's own credentials where the server takes them, else those of the server's address. */
async function sampleProfile(database: TestDatabase): Promise<ProfileEntry> {
  const sample = database.profile({ user: 'postgres', password: 'password' });
  if (await isAccepted(sample)) return sample;
  console.log(`sample profile: user and password replaced for ${serverUrl().host}`);
  return database.profile();
}

interface Sample {
  readonly feed: LiveFeed;
  readonly database: TestDatabase;
  readonly workspace: Workspace;
}

async function openSample(): Promise<Sample> {
  const feed = await startFeed();
  await feed.openCounted('/trades/binance', { seed: SEEDS.websocket_1, count: COUNT });
  await feed.openCounted('/trades/huobi', { seed: SEEDS.websocket_2, count: COUNT });
  const database = await openSampleDatabase();
  expect(await database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'test'")).toEqual([]);
  const workspace = await createWorkspace(sampleConfig(feed), await sampleProfile(database));
  return { feed, database, workspace };
}

async function expectEveryValueOnce({ feed, database, workspace }: Sample): Promise<void> {
  for (const table of CONSUMERS) {
    expect(await database.columnTypes(`test.${table}`)).toEqual(PAYLOAD_COLUMNS);
    const verdict = await judgeTable({ database, table: `test.${table}`, seed: SEEDS[table], issued: COUNT });
    expect(faultsOf(verdict)).toEqual(NO_FAULTS);
    expect(brief(missingBetween(verdict, 0, COUNT))).toEqual(NONE);
    expect(verdict.rows).toBe(COUNT);
    await access(join(workspace.stageOf('tmp', table), 'manifest'));
  }
  await expect(access(join(workspace.cwd, 'tmp'))).rejects.toThrow('ENOENT');
  expect((await feed.log('/trades/binance')).connections).toHaveLength(1);
  expect((await feed.log('/trades/huobi')).connections).toHaveLength(1);
}

function expectConsumersCounted(cli: CliProcess): void {
  for (const name of CONSUMERS) {
    expect(runnerOf(cli.summary(), name)).toMatchObject({
      type: 'consumer',
      variety: 'socket',
      status: 'succeeded',
      messages: COUNT,
      gaps: 0,
      restarts: 0,
    });
  }
}

function expectProducerCounted(cli: CliProcess): void {
  const counts = {
    status: 'succeeded',
    loaded: 2 * COUNT,
    dead: 0,
    ignored: 0,
    duplicates_skipped: 0,
    restarts: 0,
  };
  expect(runnerOf(cli.summary(), 'postgres')).toMatchObject({
    type: 'producer',
    variety: 'postgres',
    ...counts,
  });
}

test('the sample config moves twice 50,000 messages into a new schema in one process, every value right', async () => {
  const sample = await openSample();
  const cli = sample.workspace.run('--max-messages', String(COUNT));
  await cli.expectExit(0, 90_000);
  expect(cli.summary()).toMatchObject({ status: 'succeeded', ended_by: 'messages' });
  expectConsumersCounted(cli);
  expectProducerCounted(cli);
  await expectEveryValueOnce(sample);
}, 150_000);

test('the sample config does the same with consumers and producer in two processes on one stage', async () => {
  const sample = await openSample();
  const consumers = sample.workspace.run('--only', 'websocket_1', 'websocket_2');
  const producer = sample.workspace.run('--only', 'postgres');
  const isLoaded = async () => {
    const [first, second] = await Promise.all(
      CONSUMERS.map((table) => sample.database.count(`test.${table}`)),
    );
    return first === COUNT && second === COUNT;
  };
  await producer.whileRunning(isLoaded, { timeoutMs: 90_000, intervalMs: 100, what: 'all rows' });
  expect(consumers.hasExited).toBe(false);
  for (const cli of [consumers, producer]) cli.signal('SIGTERM');
  for (const cli of [consumers, producer]) {
    await cli.expectExit(0);
    expect(cli.summary()).toMatchObject({ ended_by: 'signal' });
  }
  expectConsumersCounted(consumers);
  expectProducerCounted(producer);
  expect(consumers.summary().runners.map(({ name }) => name)).toEqual(CONSUMERS);
  await expectEveryValueOnce(sample);
}, 150_000);
