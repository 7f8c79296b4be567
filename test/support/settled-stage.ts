import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import type { LocalStage } from '../../src/stages/local.js';
import type { Follow, StageContext } from '../../src/stages/stage.js';
import type { StageFs } from '../../src/stages/stage-fs.js';
import type { StageFolder } from '../../src/stages/upkeep/stage-folder.js';
import { decodeSettings } from '../stages/staged.js';
import { importBuilt } from './built.js';
import type { Life, Loaded, StageType } from './stage-life.js';

const HOUR_MS = 3_600_000;
const START_WITHIN_MS = 5000;
const READER = 'sink';
const OWNER = { pipeline: 'p', consumer: 'trades' };
const NOW_US = 1_700_000_000_000_000;
const ONCE: Follow = {
  signal: new AbortController().signal,
  drained: AbortSignal.abort(),
  endsWithSource: false,
  limits: { messages: 1, bytes: 1 },
};

/** Each life of a source without positions begins with a multiple of it, because nobody knows where the last ended. */
export const NUMBERS_PER_LIFE = 1000;

/** A stage after one or more ends, with all that was heard of its lives. */
export interface EndedStage {
  readonly type: StageType;
  readonly folder: string;
  readonly lives: readonly Life[];
}

/**
 * Starts an ended stage again, as often as it needs to load, convert and prune everything, and demands that nothing
 * acknowledged is lost, nothing is there twice, and nothing is left over or damaged.
 */
export async function expectSettles(ended: EndedStage): Promise<void> {
  const { type, folder, lives } = ended;
  const logs: string[] = [];
  const startedMs = performance.now();
  const stage = await buildStage(type, folder, logs);
  try {
    await stage.open();
    expect(performance.now() - startedMs, 'ms of the next start').toBeLessThan(START_WITHIN_MS);
    const kept = await readKept(folder);
    const sink = withoutRepeats([...lives.flatMap(({ loaded }) => loaded), ...kept]);
    expectNumbers(sink, ended, stage.position());
    await goOn(stage, ended, sink);
  } finally {
    await stage.close();
  }
  await expectClean(ended);
  expect(logs).toEqual([]);
}

async function buildStage(type: StageType, folder: string, logs: string[]): Promise<LocalStage> {
  const local = await importBuilt<typeof import('../../src/stages/local.js')>('stages/local.js');
  const parquet = await importBuilt<typeof import('../../src/stages/parquet.js')>('stages/parquet.js');
  const context: StageContext = {
    ...OWNER,
    batch: { size: 1_000_000, bytes: 2 ** 40, interval: HOUR_MS },
    decode: decodeSettings(),
    dependents: [READER],
    replayable: type === 'parquet',
    logger: { log: ({ level, message }) => level !== 'info' && logs.push(message) },
    tuning: { groupMs: 1, rollMs: HOUR_MS, manifestLines: 8, tidyMs: HOUR_MS },
  };
  const retain = { for: 0, bytes: 0 };
  const settings = { folder, retain, max_backlog: undefined, min_free_disk: 0, allow_unsafe_fs: false };
  return new (type === 'parquet' ? parquet.ParquetStage : local.LocalStage)(
    settings,
    context,
    await quickFs(),
  );
}

/** The locks of those who ended are free, as other tests see; here each would cost a process. */
async function quickFs(): Promise<StageFs> {
  const { nodeStageFs } =
    await importBuilt<typeof import('../../src/stages/stage-fs.js')>('stages/stage-fs.js');
  return { ...nodeStageFs, lock: async () => ({ release: async () => {} }) };
}

async function openFolder(folder: string): Promise<StageFolder> {
  const { openStageFolder } = await importBuilt<typeof import('../../src/stages/upkeep/stage-folder.js')>(
    'stages/upkeep/stage-folder.js',
  );
  return openStageFolder(await quickFs(), folder, OWNER);
}

/** Every batch that the stage holds, whether the sink has it or not. */
async function readKept(path: string): Promise<readonly Loaded[]> {
  const { readBatches } = await importBuilt<typeof import('../../src/stages/upkeep/stage-folder.js')>(
    'stages/upkeep/stage-folder.js',
  );
  const { SealedBatch } = await importBuilt<typeof import('../../src/stages/log/sealed-batch.js')>(
    'stages/log/sealed-batch.js',
  );
  const folder = await openFolder(path);
  const damage: string[] = [];
  const onDamage = (message: string) => damage.push(message);
  const kept: Loaded[] = [];
  for await (const queued of readBatches(folder, onDamage)) {
    const batch = new SealedBatch({ ...folder, onDamage }, queued.fact, queued);
    kept.push({ seq: batch.seq, crc: batch.crc, numbers: numbersOf((await batch.read()).bytes) });
  }
  expect(damage).toEqual([]);
  return kept;
}

function numbersOf(bytes: Buffer): readonly number[] {
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { readonly n: number }).n);
}

/** A batch may reach the sink again, but under its number never with another content. */
function withoutRepeats(batches: readonly Loaded[]): readonly Loaded[] {
  const known = new Map<number, Loaded>();
  for (const batch of batches) {
    expect(batch, `batch ${batch.seq} when it came again`).toEqual(known.get(batch.seq) ?? batch);
    known.set(batch.seq, batch);
  }
  return [...known.values()].sort((a, b) => a.seq - b.seq);
}

/** All that was acknowledged once and in order, and of what was not at most the next ones. */
function expectNumbers(sink: readonly Loaded[], { type, lives }: EndedStage, position: unknown): void {
  const numbers = sink.flatMap((batch) => batch.numbers);
  const isReplayable = type === 'parquet';
  expect(numbers, 'once and in order').toEqual(
    inOrder(numbers, isReplayable ? Number.MAX_SAFE_INTEGER : NUMBERS_PER_LIFE),
  );
  // What is durable and in no batch is read again of a source that can be.
  const owed = lives.map(({ durable, sealed }) => (isReplayable ? sealed : durable));
  const lost = owed.filter((end) => end > 0 && !numbers.includes(end - 1));
  expect(lost, 'acknowledged and lost').toEqual([]);
  if (isReplayable) expect((position as { next: number } | undefined)?.next ?? 0).toBe(numbers.length);
}

/** As many numbers of the same lives, without a hole. */
function inOrder(numbers: readonly number[], perLife: number): readonly number[] {
  const lifeOf = (number: number) => Math.floor(number / perLife);
  const expected: number[] = [];
  for (const number of numbers) {
    const before = expected.at(-1) ?? -1;
    expected.push(lifeOf(number) > lifeOf(before) ? lifeOf(number) * perLife : before + 1);
  }
  return expected;
}

/** New messages get new numbers, and the sink gets everything. */
async function goOn(stage: LocalStage, { lives }: EndedStage, sink: readonly Loaded[]): Promise<void> {
  const last = sink.at(-1)?.seq ?? 0;
  const line = Buffer.from('{"n":-1}\n');
  await stage.put({ bytes: line, messages: 1, receivedAtUs: NOW_US, connection: 9, position: { next: -1 } });
  await stage.seal();
  const passed = Math.max(0, ...lives.map((life) => life.passed));
  const seqs: number[] = [];
  for await (const group of stage.batches(READER, ONCE)) {
    for (const batch of group) {
      expect(batch.previous, 'a cursor behind what it passed').toBeGreaterThanOrEqual(passed);
      seqs.push(batch.seq);
      await stage.commit(READER, batch);
    }
  }
  const waiting = sink.map(({ seq }) => seq).filter((seq) => seq >= (seqs[0] ?? 0));
  expect(seqs).toEqual([...waiting, last + 1]);
}

/** What is not pruned yet stands in Parquet files, too; every message of a test has a row. */
async function expectConverted(folder: StageFolder, last: number): Promise<void> {
  const { readFacts } = await importBuilt<typeof import('../../src/stages/upkeep/stage-folder.js')>(
    'stages/upkeep/stage-folder.js',
  );
  const { state, layout } = folder;
  expect(state.converted.through, 'converted').toBe(last);
  const names = await readdir(layout.dataFolder);
  let through = state.pruned.through;
  for await (const fact of readFacts(folder, () => {})) {
    if (fact.fact !== 'converted' || fact.from <= state.pruned.through) continue;
    expect(fact.from, 'the first batch of a Parquet file').toBe(through + 1);
    expect(names).toContain(fact.file);
    through = fact.to;
  }
  expect(through, 'the last batch in a Parquet file').toBe(last);
}

async function expectClean({ type, folder: path }: EndedStage): Promise<void> {
  const { pruneStage } = await importBuilt<typeof import('../../src/stages/upkeep/prune-stage.js')>(
    'stages/upkeep/prune-stage.js',
  );
  const { verifyStage } = await importBuilt<typeof import('../../src/stages/upkeep/verify-stage.js')>(
    'stages/upkeep/verify-stage.js',
  );
  const before = await openFolder(path);
  expect((await verifyStage(before)).damage).toEqual([]);
  const last = before.state.nextSeq - 1;
  const isConverted = type === 'parquet';
  if (isConverted) await expectConverted(before, last);
  await pruneStage(before, { retain: { for: 0, bytes: 0 }, dependents: [READER], isConverted });
  const after = await openFolder(path);
  expect(after.state.pruned, 'pruned').toEqual({ through: last, bytes: before.state.bytes });
  expect((await verifyStage(after)).damage).toEqual([]);
  const names = await readdir(path, { recursive: true });
  const leftovers = names.filter((name) => /^(open|data)\/|\.tmp$/.test(name));
  expect(leftovers, 'files that are left').toEqual([]);
}
