import { setTimeout as delay } from 'node:timers/promises';
import type { Table } from 'apache-arrow';
import type { Position } from '../utils/position.js';
import { asChunk } from './as-chunk.js';
import { listReaders, writeCursor } from './log/cursor.js';
import { DiskRoom } from './log/disk-room.js';
import { assertLocalFileSystem } from './log/file-system-type.js';
import { ensureIdentity, type StageIdentity } from './log/identity.js';
import { Journal } from './log/journal.js';
import { StageLayout } from './log/layout.js';
import { LogStore } from './log/log-store.js';
import { isNoSpace } from './log/no-space.js';
import { Pruner } from './log/pruner.js';
import { type Recovered, recover } from './log/recovery.js';
import { Reserve } from './log/reserve.js';
import { StageReader } from './log/stage-reader.js';
import { StageWriter } from './log/stage-writer.js';
import { DEFAULT_TUNING } from './log/tuning.js';
import type { StageContext, StageMark } from './stage.js';
import {
  type Batch,
  type EndReason,
  type Follow,
  type Gap,
  type MessageChunk,
  type Passed,
  type Row,
  Stage,
} from './stage.js';
import { nodeStageFs, type StageFs, type StageLock } from './stage-fs.js';
import type { StageSettings } from './stage-settings.js';

const FULL_DISK_MS = 500;

/** What a local stage is constructed with: its own folder, absolute. */
export interface LocalStageSettings extends Omit<StageSettings, 'path' | 'type'> {
  readonly folder: string;
}

interface OpenLog {
  readonly identity: StageIdentity;
  readonly writer: StageWriter;
}

/** A stage in local files: NDJSON segments as received, and a manifest that says what of them counts. */
export class LocalStage extends Stage {
  protected readonly context: StageContext;
  protected readonly fs: StageFs;
  protected readonly layout: StageLayout;
  readonly #settings: LocalStageSettings;
  readonly #readers = new Map<string, StageReader>();
  /** The batch that `get` gave last to each reader. */
  readonly #given = new Map<string, Batch>();
  /** Readers that `get` opened; those of `batches` end by themselves. */
  readonly #peeked = new Set<StageReader>();
  #lock: StageLock | undefined;
  #log: OpenLog | undefined;

  constructor(settings: LocalStageSettings, context: StageContext, fs: StageFs = nodeStageFs) {
    super();
    this.#settings = settings;
    this.context = context;
    this.fs = fs;
    this.layout = new StageLayout(settings.folder);
  }

  async open(): Promise<void> {
    const { manifestFolder, openFolder, dataFolder, cursorFolder, folder } = this.layout;
    for (const each of [manifestFolder, openFolder, dataFolder, cursorFolder])
      await this.#untilRoom(() => this.fs.makeFolder(each));
    if (!this.#settings.allow_unsafe_fs) await assertLocalFileSystem(this.fs, folder);
    const what = `stage of ${this.context.consumer}`;
    this.#lock = await this.#untilRoom(() => this.fs.lock(this.layout.lock, what));
    try {
      this.#log = await this.#untilRoom(() => this.#recoverLog());
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  position(): Position | undefined {
    return this.#log?.writer.state.position;
  }

  lastReceivedUs(): number | undefined {
    return this.#log?.writer.state.lastReceivedUs;
  }

  put(data: MessageChunk | Row | readonly Row[]): Promise<void> {
    return this.openLog().writer.put(asChunk(data));
  }

  gap(gap: Gap): void {
    this.openLog().writer.gap(gap);
  }

  receivedUntil(us: number): void {
    this.openLog().writer.receivedUntil(us);
  }

  seal(): Promise<void> {
    return this.openLog().writer.seal('flush');
  }

  roll(): Promise<void> {
    return this.openLog().writer.roll();
  }

  end(reason: EndReason): Promise<void> {
    return this.openLog().writer.end(reason);
  }

  async close(): Promise<void> {
    try {
      await this.stopWriting();
    } finally {
      await this.#closeAll();
    }
  }

  batches(reader: string, follow: Follow): AsyncIterable<readonly Batch[]> {
    return this.#reader(reader).batches(follow);
  }

  async get(reader: string): Promise<Table | undefined> {
    const stageReader = this.#reader(reader);
    this.#peeked.add(stageReader);
    const batch = await stageReader.peek();
    if (batch === undefined) return undefined;
    this.#given.set(reader, batch);
    // Arrow is large, and few use it.
    const { toTable } = await import('./to-table.js');
    return toTable(batch, this.context.decode);
  }

  async commit(reader: string, passed: Passed): Promise<void> {
    const { seq, bytesThrough, position } = isTable(passed) ? this.#givenTo(reader, passed) : passed;
    await this.#untilRoom(() =>
      writeCursor(this.fs, this.layout, reader, { seq, bytes: bytesThrough, position }),
    );
    this.#readers.get(reader)?.pass(seq);
  }

  notice(mark: StageMark): void {
    for (const reader of this.#readers.values()) reader.notice(mark);
  }

  /** Removes what every reader has passed and `retain` does not keep; the open stage does so every second. */
  prune(): Promise<void> {
    return this.openLog().writer.prune();
  }

  /** Seals everything; nothing may be put afterwards. */
  protected async stopWriting(): Promise<void> {
    await this.#log?.writer.stop();
  }

  protected openLog(): OpenLog {
    if (this.#log === undefined) throw new Error('expected the stage to be open for writing');
    return this.#log;
  }

  /** Whether segments are kept in another form once they are whole. */
  protected get isConverted(): boolean {
    return false;
  }

  async #recoverLog(): Promise<OpenLog> {
    const { context, fs, layout } = this;
    const { pipeline, consumer } = context;
    const identity = await ensureIdentity(fs, layout, { pipeline, consumer });
    const recovered = await recover(fs, layout, {
      stageId: identity.id,
      replayable: context.replayable || context.isOfSets === true,
    });
    this.#report(recovered);
    await this.#warnOfStrangers();
    const tuning = { ...DEFAULT_TUNING, ...context.tuning };
    const store = await this.#createStore(identity, recovered, tuning);
    return { identity, writer: new StageWriter(store, recovered.state, context, tuning) };
  }

  async #createStore(
    identity: StageIdentity,
    { manifest, state }: Recovered,
    { rollBytes, manifestLines }: { readonly rollBytes: number; readonly manifestLines: number },
  ): Promise<LogStore> {
    const { context, fs, layout } = this;
    const { max_backlog, min_free_disk, retain } = this.#settings;
    const reserve = new Reserve(fs, layout);
    await reserve.fill();
    const pruner = new Pruner(fs, layout, {
      retain,
      dependents: context.dependents,
      isConverted: this.isConverted,
    });
    const parts = {
      folder: layout.folder,
      stageId: identity.id,
      journal: new Journal(fs, layout, { seq: state.nextSeq, segment: state.nextSegment }, rollBytes),
      manifest,
      state,
      room: new DiskRoom(fs, layout, { max_backlog, min_free_disk }),
      reserve,
      pruner,
    };
    return new LogStore(parts, context, manifestLines);
  }

  #report({ recoveredMessages, alarms }: Recovered): void {
    const { logger } = this.context;
    for (const message of alarms) logger.log({ level: 'error', message });
    if (recoveredMessages === 0) return;
    logger.log({ level: 'info', message: `recovered ${recoveredMessages} messages of the last run` });
  }

  /** Who is gone from the configuration still keeps every batch that it has not passed. */
  async #warnOfStrangers(): Promise<void> {
    const { consumer, dependents, logger } = this.context;
    const strangers = (await listReaders(this.fs, this.layout)).filter((name) => !dependents.includes(name));
    for (const name of strangers) {
      const message = `${consumer}: ${name} has a cursor in this stage and is not in the configuration; it keeps what it has not passed`;
      logger.log({ level: 'warn', message, hint: `socket-el stage forget <config> ${name}` });
    }
  }

  /** On a full disk, waits until there is room. */
  async #untilRoom<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isNoSpace(error)) throw error;
        if (attempt === 0) await this.#onFullDisk();
        else await delay(FULL_DISK_MS);
      }
    }
  }

  /** The reserve is the writer's to give up; where there is a writer in another process, it is full there too. */
  async #onFullDisk(): Promise<void> {
    const message = `${this.layout.folder}: the disk is full; waiting for room`;
    this.context.logger.log({ level: 'warn', message });
    if (this.#lock !== undefined) await new Reserve(this.fs, this.layout).drop();
  }

  async #closeAll(): Promise<void> {
    const [log, lock] = [this.#log, this.#lock];
    this.#log = undefined;
    this.#lock = undefined;
    try {
      await log?.writer.close();
    } finally {
      for (const reader of this.#peeked) await reader.close();
      await lock?.release();
    }
  }

  #reader(name: string): StageReader {
    const known = this.#readers.get(name);
    if (known !== undefined) return known;
    const { pipeline, consumer, logger } = this.context;
    const reader = new StageReader(this.fs, this.layout, { reader: name, pipeline, consumer, logger });
    this.#readers.set(name, reader);
    return reader;
  }

  #givenTo(reader: string, table: Table): Batch {
    const batch = this.#given.get(reader);
    if (batch !== undefined && table.schema.metadata.get('seq') === String(batch.seq)) return batch;
    throw new TypeError(`commit: expected the table that get("${reader}") gave last`);
  }
}

function isTable(passed: Passed): passed is Table {
  return 'schema' in passed;
}
