import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom, pick } from '../support/random.js';
import { expectSettles, NUMBERS_PER_LIFE } from '../support/settled-stage.js';
import { DISK_CALLS, type DiskCall, type Life, liveStage, type StageType } from '../support/stage-life.js';
import { createTempFolder } from '../support/temp-folder.js';

/** Kills in all, about; with more of them fewer are passed over. */
const KILL_POINTS = Number(process.env.SOCKET_EL_KILL_POINTS ?? 500);
const IS_THOROUGH = KILL_POINTS > 500;
const SEED = 20_231;
const CHAINS = Math.round(KILL_POINTS / 50);
const KILLS_IN_A_ROW = 5;
const TIMEOUT_MS = 600_000 * Math.ceil(KILL_POINTS / 500);

/** Of the many calls that open a file most change nothing, and the state before the others is met elsewhere too. */
const strideOf = (call: DiskCall) => (call === 'openat' && !IS_THOROUGH ? 12 : 1);

/** What is killed: given the call that ends it, it says what came of it. */
type Victim = (
  folder: string,
  end: { readonly call: DiskCall; readonly nth: string },
) => Promise<readonly Life[]>;

const KILL = 'signal=SIGKILL';

/** Lets a victim die at each call that it makes, until it ends by itself, and looks at what each left. */
async function killEverywhere(type: StageType, root: string, victim: Victim): Promise<number> {
  let kills = 0;
  for (const call of DISK_CALLS) {
    for (let nth = 1; ; nth += strideOf(call)) {
      const folder = join(root, `${call}-${nth}`);
      const lives = await victim(folder, { call, nth: String(nth) });
      await expectSettles({ type, folder, lives }).catch((cause: Error) => {
        throw new Error(`${type}, killed at ${call} ${nth}: ${cause.message}`, { cause });
      });
      if (!lives.at(-1)?.isKilled) break;
      kills++;
    }
  }
  return kills;
}

/** @returns the folder of a stage that has lived once and was closed, so that a second life has more to do */
async function liveOnce(
  type: StageType,
  root: string,
): Promise<{ readonly folder: string; readonly life: Life }> {
  const folder = join(root, `${type}-first`);
  const life = await liveStage({ type, folder, lives: 1, next: 0 });
  expect(life, life.stderr).toMatchObject({ isKilled: false, exitCode: 0 });
  return { folder, life };
}

/** A new stage, and one whose first segments are loaded and converted and can go. */
async function killLives(type: StageType, root: string): Promise<number> {
  if (type === 'local') {
    return killEverywhere(type, join(root, type), async (folder, end) => {
      return [await liveStage({ type, folder, lives: 1, next: 0 }, { ...end, what: KILL })];
    });
  }
  const first = await liveOnce(type, root);
  return killEverywhere(type, join(root, type), async (folder, end) => {
    await cp(first.folder, folder, { recursive: true });
    return [first.life, await liveStage({ type, folder, lives: 1, next: 0 }, { ...end, what: KILL })];
  });
}

/** @param end the call that ended the life before the start that is killed */
async function killStarts(type: StageType, root: string, end: readonly [DiskCall, number]): Promise<number> {
  const [call, nth] = end;
  const first = await liveOnce(type, root);
  const plan = { type, folder: first.folder, lives: 1, next: NUMBERS_PER_LIFE };
  const life = await liveStage(plan, { call, nth: String(nth), what: KILL });
  expect(life.isKilled, `a kill at ${call} ${nth}`).toBe(true);
  return killEverywhere(type, `${plan.folder}-starts`, async (folder, startEnd) => {
    await cp(plan.folder, folder, { recursive: true });
    return [first.life, life, await liveStage({ ...plan, folder, lives: 0 }, { ...startEnd, what: KILL })];
  });
}

/** One life after the other, each killed somewhere, some of them while they begin. @returns the kills */
async function killInARow(type: StageType, root: string, seed: number): Promise<number> {
  const random = createRandom(seed);
  const folder = join(root, `${type}-${seed}`);
  const lives: Life[] = [];
  for (let i = 0; i < KILLS_IN_A_ROW; i++) {
    const call = pick(random, ['pwrite64', 'fdatasync', 'fsync', 'rename', 'ftruncate', 'openat'] as const);
    const nth = 1 + Math.floor(random() ** 2 * (call === 'openat' ? 90 : 18));
    const plan = { type, folder, lives: 1, next: type === 'local' ? i * NUMBERS_PER_LIFE : 0, threads: 4 };
    lives.push(await liveStage(plan, { call, nth: String(nth), what: KILL }));
  }
  await expectSettles({ type, folder, lives }).catch((cause: Error) => {
    throw new Error(`${type}, seed ${seed}: ${cause.message}`, { cause });
  });
  return lives.filter(({ isKilled }) => isKilled).length;
}

async function both(kill: (type: StageType) => Promise<number>): Promise<number> {
  const [local, parquet] = await Promise.all([kill('local'), kill('parquet')]);
  return local + parquet;
}

test(
  'killed at any system call of its life, a stage loses nothing acknowledged and doubles nothing',
  async () => {
    const root = await createTempFolder();
    const kills = await both((type) => killLives(type, root));
    console.log(`${kills} lives killed`);
    expect(kills).toBeGreaterThan(200);
  },
  TIMEOUT_MS,
);

test(
  'killed at any system call of the start after that, it is whole after the next one',
  async () => {
    const root = await createTempFolder();
    const ends = { local: ['rename', 4], parquet: ['fdatasync', 12] } as const;
    const kills = await both((type) => killStarts(type, root, ends[type]));
    console.log(`${kills} starts killed`);
    expect(kills).toBeGreaterThan(50);
  },
  TIMEOUT_MS,
);

test(
  'killed five times in a row, it is whole after the next start',
  async () => {
    const root = await createTempFolder();
    const kills = await both(async (type) => {
      let sum = 0;
      for (let i = 0; i < CHAINS / 2; i++) sum += await killInARow(type, root, SEED + i);
      return sum;
    });
    console.log(`${kills} killed in ${CHAINS} rows`);
    expect(kills).toBeGreaterThan((CHAINS * KILLS_IN_A_ROW) / 2);
  },
  TIMEOUT_MS,
);
