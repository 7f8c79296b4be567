import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliProcess, runnerOf } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type LiveFeed, startFeed } from '../support/live-feed.js';
import { brief, faultsOf, judgeTable, missingBetween, NO_FAULTS, NONE, owedBy } from '../support/oracle.js';
import { expectSettles } from '../support/settled-stage.js';
import { createSmallDisk, type SmallDisk } from '../support/small-disk.js';
import { attach, type DiskCall, liveStage, stagePaths } from '../support/stage-life.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';
import { createWorkspace, tradesConfig, type Workspace } from '../support/workspace.js';

const SEED = 55;
const EIO = 'error=EIO';

/** A life in which each call of a kind fails once in turn. @returns how many went on to their end, and did not */
async function failEach(
  call: DiskCall,
  root: string,
): Promise<{ readonly ended: number; readonly stopped: number }> {
  const counts = { ended: 0, stopped: 0 };
  for (let nth = 1; ; nth++) {
    const folder = join(root, `${call}-${nth}`);
    const injection = { call, nth: String(nth), what: EIO };
    const life = await liveStage({ type: 'local', folder, lives: 1, next: 0 }, injection);
    await expectSettles({ type: 'local', folder, lives: [life] }).catch((cause: Error) => {
      throw new Error(`EIO at ${call} ${nth}: ${cause.message}`, { cause });
    });
    if (!life.isHit) return counts;
    expect(`${life.stderr}${life.logs}`, `EIO at ${call} ${nth}`).toContain('EIO');
    counts[life.exitCode === 0 ? 'ended' : 'stopped']++;
  }
}

test('a sync or a write that fails once is said and costs nothing, in a segment not even the run', async () => {
  const root = await createTempFolder();
  for (const call of ['fdatasync', 'pwrite64', 'pwritev'] as const) {
    const { ended, stopped } = await failEach(call, root);
    console.log(`${call}: ${ended} lives went on, ${stopped} stopped`);
    expect(ended, `lives that went on after a ${call} that failed`).toBeGreaterThan(0);
  }
}, 180_000);

interface Scene {
  readonly feed: LiveFeed;
  readonly database: TestDatabase;
  readonly workspace: Workspace;
  readonly cli: CliProcess;
  /** The folder of the stage. */
  readonly stage: string;
}

async function startLoading(disk?: SmallDisk): Promise<Scene> {
  const [feed, database] = await Promise.all([startFeed(), createDatabase()]);
  await feed.openLive('/live', { seed: SEED, rate: 1000 });
  const path = disk === undefined ? 'stage' : join(disk.folder, 'stage');
  const config = tradesConfig({ uri: feed.uri('/live') }).replace('path: stage', `path: ${path}`);
  const workspace = await createWorkspace(config, database.profile());
  const cli = workspace.run();
  await cli.whileRunning(() => database.count('test.trades'), { timeoutMs: 20_000, what: 'first rows' });
  const stage = disk === undefined ? workspace.stageOf('stage', 'trades') : join(path, 'trades');
  return { feed, database, workspace, cli, stage };
}

/** What was sent on each connection before its end must be there once. */
async function expectLoaded({ feed, database }: Scene, endsMs: readonly number[]): Promise<void> {
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  for (const [i, endMs] of endsMs.entries())
    expect(brief(missingBetween(verdict, ...owedBy(log, i, endMs))), `connection ${i}`).toEqual(NONE);
}

test('after a sync that fails the run goes on in a new segment', async () => {
  const scene = await startLoading();
  const { cli, database, stage } = scene;
  const segment = join(stage, 'open/0000000001.ndjson');
  const { end } = await attach(cli.pid, [segment], { call: 'fdatasync', nth: '1', what: EIO });
  const isSaid = () => cli.stderr.includes('goes into a new one: EIO');
  await cli.whileRunning(isSaid, { timeoutMs: 10_000, what: 'the word that a sync failed' });
  const before = await database.count('test.trades');
  const goesOn = async () => (await database.count('test.trades')) > before + 1000;
  await cli.whileRunning(goesOn, { timeoutMs: 10_000, what: 'rows after the sync that failed' });
  const { beforeMs } = cli.signal('SIGTERM');
  await cli.expectExit(0);
  expect(await end, 'a sync that failed').toBe(true);
  expect(runnerOf(cli.summary(), 'trades')).toMatchObject({ restarts: 0, gaps: 0 });
  await expectLoaded(scene, [beforeMs]);
}, 60_000);

test('a disk whose syncs fail for ever ends the run with exit 3 and the reason', async () => {
  const { cli, stage } = await startLoading();
  await attach(cli.pid, stagePaths(stage), { call: 'fdatasync', nth: '1+', what: EIO });
  await cli.expectExit(3, 20_000);
  expect(cli.stderr).toMatch(/stage of trades: expected to write and sync its files: EIO/);
}, 60_000);

test('a stage that is removed while it is written ends the run with exit 3 and says so', async () => {
  const { cli, stage } = await startLoading();
  await rm(stage, { recursive: true });
  await cli.expectExit(3, 20_000);
  expect(cli.stderr).toContain(`${stage}: expected the stage's files to stay, they were removed`);
}, 60_000);

test.runIf(process.getuid?.() === 0)(
  'a stop while the disk is full comes to an end, and the next run loads what was durable',
  async () => {
    const disk = await createSmallDisk(16 * 1024 * 1024);
    const scene = await startLoading(disk);
    const { cli, workspace, database } = scene;
    const filledMs = Date.now();
    await disk.fill();
    await cli.whileRunning(() => cli.stderr.includes('paused: '), { timeoutMs: 10_000, what: 'a pause' });
    cli.signal('SIGTERM');
    await until(() => cli.hasExited, { timeoutMs: 30_000, what: 'an end' });
    expect([1, 3], cli.describe()).toContain((await cli.exited).code);
    await disk.free();
    const before = await database.count('test.trades');
    const next = workspace.run();
    const goesOn = async () => (await database.count('test.trades')) > before + 2000;
    await next.whileRunning(goesOn, { timeoutMs: 20_000, what: 'rows of the next run' });
    const { beforeMs } = next.signal('SIGTERM');
    await next.expectExit(0);
    await expectLoaded(scene, [filledMs, beforeMs]);
  },
  90_000,
);
