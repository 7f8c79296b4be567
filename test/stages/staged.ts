import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { LocalStage } from '../../src/stages/local.js';
import { ParquetStage } from '../../src/stages/parquet.js';
import type { Batch, Follow, MessageChunk, Receipt, StageContext } from '../../src/stages/stage.js';
import type { StageFs } from '../../src/stages/stage-fs.js';
import { stageSetting } from '../../src/stages/stage-settings.js';
import type { LogRecord } from '../../src/utils/logger.js';
import type { Position } from '../../src/utils/position.js';
import { type DecodeSettings, decodeShape } from '../../src/utils/rows/decode-settings.js';

export interface StageOptions {
  readonly replayable?: boolean;
  readonly isOfSets?: boolean;
  readonly size?: number;
  readonly bytes?: number;
  readonly interval?: number;
  readonly fs?: StageFs;
  readonly onSealed?: StageContext['onSealed'];
  readonly logs?: LogRecord[];
  readonly dependents?: readonly string[];
  readonly tuning?: StageContext['tuning'];
  /** Keys of `stage:`. */
  readonly stage?: Readonly<Record<string, unknown>>;
  /** Keys that say how messages become rows. */
  readonly decode?: Readonly<Record<string, unknown>>;
}

/** A batch as a reader got it. */
export interface ReadBatch {
  readonly seq: number;
  readonly messages: number;
  readonly lines: readonly string[];
  readonly receipts: readonly Receipt[];
}

const FOREVER = 3_600_000;
const ABORTED = AbortSignal.abort();
const NEVER = new AbortController().signal;

/** A stage object on a folder, not opened. It seals nothing by itself unless a threshold is given. */
export function stageAt(folder: string, options: StageOptions = {}): LocalStage {
  const { size = 1_000_000, bytes = 2 ** 40, interval = FOREVER, logs } = options;
  const context: StageContext = {
    pipeline: 'p',
    consumer: 'trades',
    batch: { size, bytes, interval },
    replayable: options.replayable ?? false,
    isOfSets: options.isOfSets,
    logger: { log: (record) => logs?.push(record) },
    onSealed: options.onSealed,
    decode: decodeSettings(options.decode),
    dependents: options.dependents ?? [],
    tuning: options.tuning,
  };
  const { path, type, ...settings } = stageSetting.parse(options.stage ?? {});
  const Type = type === 'parquet' ? ParquetStage : LocalStage;
  return new Type({ ...settings, folder }, context, options.fs);
}

/** An open stage that is closed when the running test ends, if it was not before. */
export async function openStage(folder: string, options: StageOptions = {}): Promise<LocalStage> {
  const stage = stageAt(folder, options);
  onTestFinished(() => stage.close().catch(() => {}));
  await stage.open();
  return stage;
}

/** How messages become rows, with the defaults of a configuration. */
export function decodeSettings(keys: Readonly<Record<string, unknown>> = {}): DecodeSettings {
  return z.object(decodeShape).parse(keys);
}

/** Lines of JSON as one chunk. */
export function chunkOf(lines: readonly string[], more: Partial<MessageChunk> = {}): MessageChunk {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return { bytes, messages: lines.length, receivedAtUs: 1_700_000_000_000_000, connection: 1, ...more };
}

/** Puts a chunk and resolves when it would survive a crash. */
export function putDurably(stage: LocalStage, lines: readonly string[], position?: Position): Promise<void> {
  return new Promise((resolve, reject) => {
    stage.put(chunkOf(lines, { position, onDurable: resolve })).catch(reject);
  });
}

/** How a reader follows that takes what is sealed by now and ends. */
export const ONCE: Follow = {
  signal: NEVER,
  drained: ABORTED,
  endsWithSource: false,
  limits: { messages: 1, bytes: 1 },
};

export async function contentOf(batch: Batch): Promise<ReadBatch> {
  const { bytes, receipts } = await batch.read();
  const lines = bytes.toString('utf8').split('\n');
  if (lines.pop() !== '') throw new Error(`batch ${batch.seq} does not end with a newline`);
  return { seq: batch.seq, messages: batch.messages, lines, receipts };
}

/** Everything sealed that a reader has not passed, read by an object of its own as another process would. */
export async function readSealed(
  folder: string,
  reader = 'looker',
  logs: LogRecord[] = [],
): Promise<ReadBatch[]> {
  const found: ReadBatch[] = [];
  for await (const group of stageAt(folder, { logs }).batches(reader, ONCE))
    for (const batch of group) found.push(await contentOf(batch));
  return found;
}

/** The messages of everything sealed, in order. */
export async function readLines(folder: string): Promise<string[]> {
  return (await readSealed(folder)).flatMap(({ lines }) => lines);
}

/** Opens and closes the stage as a consumer's next start would, and gives what it then holds. */
export async function recoverAt(folder: string, options: StageOptions = {}): Promise<ReadBatch[]> {
  const stage = stageAt(folder, options);
  await stage.open().finally(() => stage.close());
  return readSealed(folder);
}

/**
 * Copies the folder of a stage that is being written to, so that the copy is what a crash could leave: the manifest
 * first, because what it names was written before, and a segment that moves meanwhile only once.
 */
export async function copyCrashImage(folder: string, to: string): Promise<string> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  for (const name of ['stage.json', 'cursors', 'manifest', 'open', 'data'])
    await cp(join(folder, name), join(to, name), { recursive: true });
  for (const name of await readdir(join(to, 'data'))) await rm(join(to, 'open', name), { force: true });
  return to;
}

/** Follows a stage in the background, until the running test ends, and gathers its batches. */
export function followStage(
  folder: string,
  changes: Partial<Follow> = {},
): { readonly batches: Batch[]; readonly ended: Promise<void> } {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const batches: Batch[] = [];
  const how: Follow = { ...ONCE, drained: NEVER, endsWithSource: true, ...changes, signal: stop.signal };
  const ended = (async () => {
    for await (const group of stageAt(folder).batches('follower', how)) batches.push(...group);
  })();
  ended.catch(() => {});
  return { batches, ended };
}
