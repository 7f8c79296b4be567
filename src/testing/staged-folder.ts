import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Batch, Follow, MessageChunk, Stage, StageContext } from '../stages/stage.js';
import { decodeShape } from '../utils/rows/decode-settings.js';

const NEVER = new AbortController().signal;
const FOREVER_MS = 3_600_000;

/** Constructs the stage under test on an empty or used folder; it is not open yet. */
export type CreateStage = (folder: string, context: StageContext) => Stage;

/** What a case wants to be otherwise than usual: a stage that seals only when told, of a source that cannot replay. */
export type ContextChanges = Partial<Pick<StageContext, 'batch' | 'replayable'>>;

/** A batch with its messages. */
export interface ReadBatch {
  readonly batch: Batch;
  readonly lines: readonly string[];
}

/** A folder for one case, and stages on it; everything is closed and removed when the case ends. */
export class StagedFolder {
  readonly #create: CreateStage;
  readonly #folder: string;
  readonly #opened: Stage[] = [];

  private constructor(create: CreateStage, folder: string) {
    this.#create = create;
    this.#folder = folder;
  }

  /** Runs a case with a folder of its own. */
  static async use(create: CreateStage, work: (folder: StagedFolder) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'socket-el-contract-'));
    const staged = new StagedFolder(create, join(folder, 'stage', 'trades'));
    try {
      await work(staged);
    } finally {
      for (const stage of staged.#opened) await stage.close();
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** A stage object as a reader in another process would have it. */
  reader(changes: ContextChanges = {}): Stage {
    return this.#create(this.#folder, contextWith(changes));
  }

  /** The stage, open for writing. */
  async open(changes: ContextChanges = {}): Promise<Stage> {
    const stage = this.reader(changes);
    await stage.open();
    this.#opened.push(stage);
    return stage;
  }

  /** Everything sealed that a reader has not passed. */
  async read(reader = 'reader', stage = this.reader()): Promise<readonly ReadBatch[]> {
    const found: ReadBatch[] = [];
    for await (const group of stage.batches(reader, untilEmpty()))
      for (const batch of group) found.push({ batch, lines: await linesOf(batch) });
    return found;
  }
}

/** Reads what is sealed by now, one batch at a time, and ends. */
export function untilEmpty(changes: Partial<Follow> = {}): Follow {
  const limits = { messages: 1, bytes: 1 };
  return { signal: NEVER, drained: AbortSignal.abort(), endsWithSource: false, limits, ...changes };
}

/** Lines of JSON as one chunk. */
export function chunkOf(lines: readonly string[], changes: Partial<MessageChunk> = {}): MessageChunk {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return { bytes, messages: lines.length, receivedAtUs: 1_700_000_000_000_000, connection: 1, ...changes };
}

/** The messages of a batch. */
export async function linesOf(batch: Batch): Promise<readonly string[]> {
  const { bytes } = await batch.read();
  return bytes.toString('utf8').split('\n').slice(0, -1);
}

function contextWith(changes: ContextChanges): StageContext {
  return {
    pipeline: 'contract',
    consumer: 'trades',
    batch: { size: 1_000_000, bytes: 2 ** 30, interval: FOREVER_MS },
    replayable: false,
    decode: z.object(decodeShape).parse({}),
    dependents: [],
    logger: { log: () => {} },
    ...changes,
  };
}
