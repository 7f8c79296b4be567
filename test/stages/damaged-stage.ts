import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalStage } from '../../src/stages/local.js';
import { decodeReceipts } from '../../src/stages/log/receipt-record.js';
import { nodeStageFs, type StageFs } from '../../src/stages/stage-fs.js';
import { openStageFolder, readBatches } from '../../src/stages/upkeep/stage-folder.js';
import { between, createRandom } from '../support/random.js';
import { createTempFolder } from '../support/temp-folder.js';
import { copyCrashImage, ONCE, openStage, putDurably, type StageOptions } from './staged.js';

/** Locks and syncs of the real file system are slow, and no test of damage is about them. */
export const QUICK_FS: StageFs = {
  ...nodeStageFs,
  open: async (path, mode) => Object.assign(await nodeStageFs.open(path, mode), { sync: async () => {} }),
  lock: async () => ({ release: async () => {} }),
  syncFolder: async () => {},
};

/** The reader that has passed some of the batches. */
export const LOOKER = 'looker';

/** Messages as they were put at once, and where they lie. */
export interface StagedChunk {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
  /** Numbers of its messages: from `first` on, so many. */
  readonly first: number;
  readonly messages: number;
}

/** A batch as it was sealed. */
export interface StagedBatch {
  readonly seq: number;
  readonly crc: number;
  readonly messages: number;
  readonly byteLength: number;
  readonly bytesThrough: number;
  readonly chunks: readonly StagedChunk[];
}

/** A whole stage at rest, before damage. */
export interface SoundStage {
  readonly options: StageOptions;
  /** Bytes of its files by their paths below the stage's folder. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The batches that it keeps. */
  readonly batches: readonly StagedBatch[];
  /** Messages ever put; the next one has this number. */
  readonly messages: number;
}

/** What kind of stage to make. */
export interface StageKind {
  readonly type: 'local' | 'parquet';
  readonly replayable: boolean;
  /** Whether its writer closed it; otherwise its last segment is still open, with everything in it sealed. */
  readonly isClosed: boolean;
  /** Whether its oldest segments are gone. */
  readonly isPruned: boolean;
}

/** The message of that number; short ones, and some that fill a block. */
export function messageLine(number: number): string {
  const size = number % 17 === 0 ? 3000 : (number * 31) % 120;
  return JSON.stringify({ n: number, pad: 'p'.repeat(size) });
}

/** A kind in a few words. */
export function nameOf({ type, replayable, isClosed, isPruned }: StageKind): string {
  const source = replayable ? 'a source with positions' : 'a live source';
  return `${type}, ${source}, ${isClosed ? 'closed' : 'open'}${isPruned ? ', pruned' : ''}`;
}

/** Writes a stage of several segments and manifest files, of which a reader has passed a half. */
export async function createSoundStage(kind: StageKind, seed: number): Promise<SoundStage> {
  const folder = await createTempFolder();
  const options: StageOptions = {
    replayable: kind.replayable,
    fs: QUICK_FS,
    dependents: [LOOKER],
    stage: { type: kind.type, retain: { for: kind.type === 'local' && kind.isPruned ? '0s' : '24h' } },
    tuning: { groupMs: 1, rollBytes: 6000, manifestLines: 9, tidyMs: 3_600_000 },
  };
  const random = createRandom(seed);
  const before = await openStage(folder, options);
  const first = await putBatches(before, random, { batches: 25, next: 0 });
  await passHalf(before);
  await before.close();
  const stage = await openStage(folder, options);
  if (kind.isPruned) await stage.prune();
  const messages = await putBatches(stage, random, { batches: 6, next: first });
  if (kind.isClosed) await stage.close();
  const rest = kind.isClosed ? folder : await copyCrashImage(folder, join(await createTempFolder(), 's'));
  return {
    options,
    files: await readFiles(rest),
    batches: await describeBatches(rest),
    messages,
  };
}

/** @returns the number of the next message */
async function putBatches(
  stage: LocalStage,
  random: () => number,
  { batches, next }: { readonly batches: number; readonly next: number },
): Promise<number> {
  let number = next;
  for (let batch = 0; batch < batches; batch++) {
    for (let chunks = between(random, 1, 5); chunks >= 1; chunks--) {
      const lines = Array.from({ length: Math.floor(between(random, 1, 5)) }, () => messageLine(number++));
      await putDurably(stage, lines, { next: number });
    }
    if (random() < 0.2)
      stage.gap({ fromUs: 1_700_000_000_000_000, toUs: 1_700_000_000_500_000, reason: 'r' });
    await stage.seal();
  }
  return number;
}

async function passHalf(stage: LocalStage): Promise<void> {
  let count = 0;
  for await (const [batch] of stage.batches(LOOKER, ONCE)) {
    if (batch === undefined || count++ === 12) return;
    await stage.commit(LOOKER, batch);
  }
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const files = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const),
  );
  return new Map(files.filter(([path]) => !/reserve|lock$/.test(path)).sort());
}

async function describeBatches(path: string): Promise<readonly StagedBatch[]> {
  const folder = await openStageFolder(QUICK_FS, path, { pipeline: 'p', consumer: 'trades' });
  const described: StagedBatch[] = [];
  const fail = (message: string) => {
    throw new Error(message);
  };
  for await (const { fact, bytesThrough } of readBatches(folder, fail)) {
    const { seq, crc, messages, from, to, segment } = fact;
    const chunks = await readChunks(path, segment, fact.receipts);
    described.push({ seq, crc, messages, byteLength: to - from, bytesThrough, chunks });
  }
  return described;
}

async function readChunks(
  folder: string,
  segment: number,
  [first, end]: readonly [number, number],
): Promise<readonly StagedChunk[]> {
  const name = String(segment).padStart(10, '0');
  const places = ['data', 'open'].map((place) => join(folder, place, name));
  const read = (suffix: string) =>
    readFile(`${places[0]}${suffix}`).catch(() => readFile(`${places[1]}${suffix}`));
  const [index, text] = [await read('.idx'), await read('.ndjson')];
  return decodeReceipts(index)
    .slice(first, end)
    .map((record) => {
      if (record === undefined) throw new Error(`segment ${segment} has a damaged index`);
      const { offset, length, messages } = record;
      const firstLine = text.toString('utf8', offset, offset + length).split('\n', 1)[0] as string;
      return { segment, offset, length, messages, first: (JSON.parse(firstLine) as { n: number }).n };
    });
}
