import type { Table } from 'apache-arrow';
import { allocateLasting } from '../utils/lasting-memory.js';
import type { Logger } from '../utils/logger.js';
import type { Position } from '../utils/position.js';
import type { BatchContent } from '../utils/rows/batch-content.js';
import type { DecodeSettings } from '../utils/rows/decode-settings.js';
import type { Tuning } from './log/tuning.js';
import type { ConvertSegment } from './parquet/conversion-task.js';

export type { BatchContent, Receipt } from '../utils/rows/batch-content.js';

/** What a source delivered at once: whole messages as lines of bytes, because objects would cost more than all the rest. */
export interface MessageChunk {
  /** Messages verbatim, each ended by `\n` and with no other `\n`, `\r` or NUL in it. Not changed before `onDurable`. */
  readonly bytes: Uint8Array;
  /** How many messages that is. */
  readonly messages: number;
  /** When it was received, microseconds since 1970. */
  readonly receivedAtUs: number;
  /** Number of the connection it came on, from 1; 0 where there are none. */
  readonly connection: number;
  /** Where the source is to be read again from once this chunk is durable, for sources that can. */
  readonly position?: Position | undefined;
  /** Called once when the chunk would survive a crash. */
  readonly onDurable?: (() => void) | undefined;
}

/** One row as an object, for subclasses that do not deal in bytes. */
export type Row = Readonly<Record<string, unknown>>;

/** An interval in which a source was not being received. Times are microseconds since 1970. */
export interface Gap {
  readonly fromUs: number;
  readonly toUs: number;
  readonly reason: string;
}

/**
 * Memory that reads use again, one after the other: a content that was read with it is valid until the second read after
 * that one begins.
 */
export class ReadMemory {
  /** Gives the larger pieces of it, by their length in bytes. */
  readonly allocate: (length: number) => Buffer;

  constructor(allocate = allocateLasting) {
    this.allocate = allocate;
  }
}

/** A sealed, numbered, immutable stretch of messages. The pair of `stageId` and `seq` names one content for ever. */
export interface Batch {
  readonly stageId: string;
  readonly consumer: string;
  readonly seq: number;
  readonly messages: number;
  readonly byteLength: number;
  /** CRC-32 of the bytes. */
  readonly crc: number;
  /** The batch that this reader passed before; 0 when it has passed none that the sink would know. */
  readonly previous: number;
  /** Bytes of all batches of the stage up to and with this one. */
  readonly bytesThrough: number;
  /** The gaps since the batch before. */
  readonly gaps: readonly Gap[];
  /** Where the source goes on behind it, of a source that can be read again. */
  readonly position?: Position | undefined;
  /** Whether it was begun often and never passed, so that nothing else should be begun before it is. */
  readonly isSuspect?: boolean;
  /** When its first and last messages were received, microseconds since 1970; known once it was read. */
  readonly received?: { readonly fromUs: number; readonly toUs: number } | undefined;
  /**
   * Reads and checks the content. What of it is damaged comes as dead letters, and an alarm is logged.
   *
   * @param memory of a sequence of reads that each outlive only the next; without it the content stays
   */
  read(memory?: ReadMemory): Promise<BatchContent>;
}

/** What a reader hands back to have passed: a batch, or the table that `get` gave. */
export type Passed = Pick<Batch, 'seq' | 'bytesThrough' | 'position'> | Table;

/** When the open batch is sealed; each is a threshold that the chunk which reaches it may overshoot. */
export interface BatchConfiguration {
  /** Messages. */
  readonly size: number;
  readonly bytes: number;
  /** Milliseconds after the batch's first message. */
  readonly interval: number;
}

/** What a stage is constructed with beside its settings. */
export interface StageContext {
  readonly pipeline: string;
  readonly consumer: string;
  readonly batch: BatchConfiguration;
  /** How the consumer's messages become rows. */
  readonly decode: DecodeSettings;
  /** Producers of the configuration that load this stage, whether they run here or not. */
  readonly dependents: readonly string[];
  /** Whether the source can be read again from a position. */
  readonly replayable: boolean;
  /**
   * Whether each batch is a whole set of the source's, possibly an empty one: then only `seal` ends a batch, and an
   * open one is forgotten when the stage is closed or the process dies.
   */
  readonly isOfSets?: boolean | undefined;
  readonly logger: Logger;
  /** Called for what `put` accepted. */
  readonly onAccepted?: ((messages: number, bytes: number) => void) | undefined;
  /** Called when batches became durable; `mark` covers them, see {@link Stage.notice}. */
  readonly onSealed?: ((mark: StageMark, counts: SealedCounts) => void) | undefined;
  /** Called once when the stage can no longer be written. */
  readonly onFailed?: ((error: Error) => void) | undefined;
  /** Converts a segment to Parquet off the receiving thread; in this one unless given. */
  readonly convert?: ConvertSegment | undefined;
  readonly tuning?: Partial<Tuning> | undefined;
}

/** What became durable at once. */
export interface SealedCounts {
  readonly batches: number;
  readonly messages: number;
  readonly bytes: number;
}

/** How far a stage's writer has made its facts durable. */
export interface StageMark {
  readonly file: number;
  readonly offset: number;
}

/** Why a consumer's source ended for good. */
export type EndReason = 'source' | 'messages' | 'duration';

/**
 * The durable log of one consumer's batches. Its one writer opens it with `open`; readers, in any process, only call
 * `batches` and `commit`. The engine constructs it, calls `open` before the consumer runs, and `close` on every path.
 */
export abstract class Stage {
  /** Takes the writer's lock, recovers what a crash left, and is ready for `put`. @throws SocketElError `stage.*` */
  abstract open(): Promise<void>;

  /** The position after the last durable chunk of a replayable source. */
  abstract position(): Position | undefined;

  /** The last moment at which the source was known to be received; undefined before the first. Microseconds. */
  abstract lastReceivedUs(): number | undefined;

  /**
   * Accepts messages or rows: resolves when the bytes in flight are under the limit, not when they are durable.
   * Calls stay in order even when not awaited.
   */
  abstract put(data: MessageChunk | Row | readonly Row[]): Promise<void>;

  /** Records an interval without reception; it is durable before any message put after it is. */
  abstract gap(gap: Gap): void;

  /** Records until when, in microseconds since 1970, the source was being received; a gap after a crash begins there. */
  abstract receivedUntil(us: number): void;

  /** Seals the open batch, if it has messages, and resolves when it is durable. */
  abstract seal(): Promise<void>;

  /** Seals, and moves the messages to the files that other programs read. */
  abstract roll(): Promise<void>;

  /** Records that the source has ended for good. */
  abstract end(reason: EndReason): Promise<void>;

  /** Seals, makes everything durable and gives the lock back. */
  abstract close(): Promise<void>;

  /**
   * The batches after a reader's cursor, oldest first. Waits while there are none, and ends when the source has ended
   * or `drained` was aborted and nothing sealed is left. `signal` ends it at once.
   */
  abstract batches(reader: string, follow: Follow): AsyncIterable<readonly Batch[]>;

  /**
   * The rows of the first batch that a reader has not passed, as an Arrow table; undefined while there is none. The
   * same batch until `commit` has passed it, also after a crash. Its schema's metadata has `stage_id`, `consumer`,
   * `seq` and `messages`. Dead letters and ignored messages are no rows of it.
   */
  abstract get(reader: string): Promise<Table | undefined>;

  /** Moves a reader's cursor behind a batch, once its rows are in the sink. */
  abstract commit(reader: string, passed: Passed): Promise<void>;

  /** Tells the readers of this object that the writer's facts up to `mark` are durable. */
  abstract notice(mark: StageMark): void;
}

/** What `Follow.signal` is aborted with by a reader that fails at what it was given, unlike one that is told to stop. */
export const FAILED = Symbol('failed');

/** How a reader follows a stage. */
export interface Follow {
  readonly signal: AbortSignal;
  /** Aborted when the writer has stopped: read to the end, then finish. */
  readonly drained: AbortSignal;
  /** Whether `ended` in the stage finishes the reading too; so it is when the writer is in another process. */
  readonly endsWithSource: boolean;
  /** At most so many batches' messages and bytes come at once, but always one batch. */
  readonly limits: { readonly messages: number; readonly bytes: number };
}
