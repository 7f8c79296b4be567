import { nowUs } from '../utils/clock.js';
import { RAW_PREFIX } from '../utils/message-buffer.js';
import type { Position } from '../utils/position.js';
import { writeCursor } from './log/cursor.js';
import { assertLocalFileSystem } from './log/file-system-type.js';
import { ensureIdentity } from './log/identity.js';
import { StageLayout } from './log/layout.js';
import { recover } from './log/recovery.js';
import { StageReader } from './log/stage-reader.js';
import { StageWriter } from './log/stage-writer.js';
import type { StageContext, StageMark } from './stage.js';
import {
  type Batch,
  type EndReason,
  type Follow,
  type Gap,
  type MessageChunk,
  type Row,
  Stage,
} from './stage.js';
import { nodeStageFs, type StageFs, type StageLock } from './stage-fs.js';

/** What a local stage is constructed with: its own folder, absolute. */
export interface LocalStageSettings {
  readonly folder: string;
  readonly allow_unsafe_fs: boolean;
}

/** A stage in local files: NDJSON segments as received, and a manifest that says what of them counts. */
export class LocalStage extends Stage {
  readonly #settings: LocalStageSettings;
  readonly #context: StageContext;
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #readers = new Map<string, StageReader>();
  #lock: StageLock | undefined;
  #writer: StageWriter | undefined;

  constructor(settings: LocalStageSettings, context: StageContext, fs: StageFs = nodeStageFs) {
    super();
    this.#settings = settings;
    this.#context = context;
    this.#fs = fs;
    this.#layout = new StageLayout(settings.folder);
  }

  async open(): Promise<void> {
    const { manifestFolder, openFolder, dataFolder, cursorFolder, folder } = this.#layout;
    for (const each of [manifestFolder, openFolder, dataFolder, cursorFolder])
      await this.#fs.makeFolder(each);
    if (!this.#settings.allow_unsafe_fs) await assertLocalFileSystem(this.#fs, folder);
    this.#lock = await this.#fs.lock(this.#layout.lock, `stage of ${this.#context.consumer}`);
    try {
      this.#writer = await this.#recoverWriter();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #recoverWriter(): Promise<StageWriter> {
    const { pipeline, consumer, replayable, logger } = this.#context;
    const { id } = await ensureIdentity(this.#fs, this.#layout, { pipeline, consumer });
    const recovered = await recover(this.#fs, this.#layout, { stageId: id, replayable });
    if (recovered.recoveredMessages > 0) {
      const message = `recovered ${recovered.recoveredMessages} messages of the last run`;
      logger.log({ level: 'info', message });
    }
    return new StageWriter(this.#fs, this.#layout, recovered, { id, context: this.#context });
  }

  position(): Position | undefined {
    return this.#writer?.state.position;
  }

  lastReceivedUs(): number | undefined {
    return this.#writer?.state.lastReceivedUs;
  }

  put(data: MessageChunk | Row | readonly Row[]): Promise<void> {
    return this.#openWriter().put(isChunk(data) ? data : toChunk(data));
  }

  gap(gap: Gap): void {
    this.#openWriter().gap(gap);
  }

  receivedUntil(us: number): void {
    this.#openWriter().receivedUntil(us);
  }

  seal(): Promise<void> {
    return this.#openWriter().seal('flush');
  }

  end(reason: EndReason): Promise<void> {
    return this.#openWriter().end(reason);
  }

  async close(): Promise<void> {
    try {
      await this.#writer?.close();
    } finally {
      await this.#lock?.release();
      this.#writer = undefined;
      this.#lock = undefined;
    }
  }

  batches(reader: string, follow: Follow): AsyncIterable<readonly Batch[]> {
    return this.#reader(reader).batches(follow);
  }

  commit(reader: string, batch: Batch): Promise<void> {
    return writeCursor(this.#fs, this.#layout, reader, batch.seq);
  }

  notice(mark: StageMark): void {
    for (const reader of this.#readers.values()) reader.notice(mark);
  }

  #reader(name: string): StageReader {
    const reader = new StageReader(this.#fs, this.#layout, { reader: name, logger: this.#context.logger });
    this.#readers.set(name, reader);
    return reader;
  }

  #openWriter(): StageWriter {
    if (this.#writer === undefined) throw new Error('expected the stage to be open for writing');
    return this.#writer;
  }
}

function isChunk(data: MessageChunk | Row | readonly Row[]): data is MessageChunk {
  return 'bytes' in data && data.bytes instanceof Uint8Array;
}

function toChunk(data: Row | readonly Row[]): MessageChunk {
  const rows = Array.isArray(data) ? data : [data];
  const bytes = Buffer.from(rows.map(rowLine).join(''));
  return { bytes, messages: rows.length, receivedAtUs: nowUs(), connection: 0 };
}

/** A row is never taken for the form in which the message buffer keeps what is no JSON. */
function rowLine(row: Row): string {
  const json = JSON.stringify(row);
  return json.startsWith(RAW_PREFIX) ? ` ${json}\n` : `${json}\n`;
}
