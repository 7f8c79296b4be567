import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliProcess, runnerOf } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type LiveFeed, startFeed } from '../support/live-feed.js';
import {
  brief,
  faultsOf,
  judgeTable,
  missingBetween,
  NO_FAULTS,
  NONE,
  outsideGaps,
  owedBy,
} from '../support/oracle.js';
import { createSmallDisk, type SmallDisk } from '../support/small-disk.js';
import { readGaps } from '../support/stage-files.js';
import { untilTime } from '../support/until.js';
import { createWorkspace, tradesConfig, type Workspace } from '../support/workspace.js';

const SEED = 91;
const DISK_BYTES = 16 * 1024 * 1024;
const STAGE = 'stage: {type: local, path: stage}';

interface Scene {
  readonly feed: LiveFeed;
  readonly database: TestDatabase;
  readonly disk: SmallDisk;
  readonly workspace: Workspace;
}

async function openScene(rate: number): Promise<Scene> {
  const [feed, database] = await Promise.all([startFeed(), createDatabase()]);
  const disk = await createSmallDisk(DISK_BYTES);
  await feed.openLive('/live', { seed: SEED, rate });
  const stage = `stage: {type: local, path: ${join(disk.folder, 'stage')}, retain: {for: 0s}}`;
  const config = tradesConfig({ uri: feed.uri('/live') }).replace(STAGE, stage);
  return { feed, database, disk, workspace: await createWorkspace(config, database.profile()) };
}

async function startLoading({ database, workspace }: Scene): Promise<CliProcess> {
  const cli = workspace.run();
  await cli.whileRunning(() => database.count('test.trades'), { timeoutMs: 20_000, what: 'first rows' });
  return cli;
}

/** Ends the run; what was sent and lies in no gap must be there once. */
async function expectAllLoaded({ feed, database, disk }: Scene, cli: CliProcess): Promise<number> {
  const { beforeMs } = cli.signal('SIGTERM');
  await cli.expectExit(0);
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  const missing = log.connections.flatMap((_, i) =>
    missingBetween(verdict, ...owedBy(log, i, log.connections[i + 1]?.openedAt ?? beforeMs)),
  );
  const gaps = await readGaps(join(disk.folder, 'stage/trades'));
  expect(brief(outsideGaps(log, missing, gaps))).toEqual(NONE);
  expect(runnerOf(cli.summary(), 'trades')).toMatchObject({ restarts: 0, status: 'succeeded' });
  return verdict.rows;
}

test.runIf(process.getuid?.() === 0)(
  'a disk that is full for a while pauses the run, which goes on by itself and loses nothing',
  async () => {
    const scene = await openScene(2000);
    const cli = await startLoading(scene);
    for (let cycle = 1; cycle <= 3; cycle++) {
      await scene.disk.fill();
      const isPaused = () => cli.stderr.split('paused: ').length > cycle;
      await cli.whileRunning(isPaused, { timeoutMs: 10_000, what: `pause ${cycle}` });
      await untilTime(Date.now() + 1000);
      await scene.disk.free();
      const isGoingOn = () => cli.stderr.split('going on').length > cycle;
      await cli.whileRunning(isGoingOn, { timeoutMs: 10_000, what: `going on ${cycle}` });
      const before = await scene.database.count('test.trades');
      const grows = async () => (await scene.database.count('test.trades')) > before + 1000;
      await cli.whileRunning(grows, { timeoutMs: 10_000, what: `rows after pause ${cycle}` });
    }
    await expectAllLoaded(scene, cli);
  },
  90_000,
);

test.runIf(process.getuid?.() === 0)(
  'a disk smaller than the stream is enough while the producer passes what was staged',
  async () => {
    const scene = await openScene(20_000);
    const cli = await startLoading(scene);
    const hasAll = async () => (await scene.database.count('test.trades')) > 250_000;
    await cli.whileRunning(hasAll, { timeoutMs: 60_000, intervalMs: 200, what: 'three disks of messages' });
    await expectAllLoaded(scene, cli);
  },
  120_000,
);
