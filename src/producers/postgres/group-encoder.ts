import type { ClientBase } from 'pg';
import { type Batch, type BatchContent, ReadMemory } from '../../stages/stage.js';
import { BlockedError } from '../../utils/errors.js';
import { Pacer } from '../../utils/pacer.js';
import { MessageDecoder } from '../../utils/rows/message-decoder.js';
import type { Source } from '../producer.js';
import { type EncodedBatch, encodeBatch } from './batch-encoder.js';
import { type ChangeTable, TableChanger } from './change-table.js';
import { LONG_MS, type Progress } from './copy-rows.js';
import { allocateForKernel } from './encode/kernel-memory.js';
import type { GroupEncoding } from './group-encoding.js';
import { NO_POISON, type Poison } from './poison.js';
import type { SourceTargets } from './source-targets.js';

/** More changes of the tables for one group mean that somebody else changes them back. */
const MAX_PLANS = 40;
/** After so many bytes of messages, about half a millisecond, what is being sent gets its turn. */
const STRETCH_BYTES = 128 * 1024;

/** Batches that are loaded together. */
export type BatchGroup = readonly {
  readonly batch: Batch;
  /** How its messages become rows, when not as those of the source. */
  readonly decoder?: MessageDecoder;
}[];

/** A group that was encoded. */
export interface EncodedGroup {
  readonly batches: readonly EncodedBatch[];
  readonly encoding: GroupEncoding;
}

/** How a group is encoded; `onProgress` as of `EncodedRows`, for a change of a table may take long. */
export interface EncodeGroup {
  readonly isProbe: boolean;
  readonly poison: Poison;
  readonly onProgress?: Progress;
  /** Who changes the tables; the server, unless given. */
  readonly changer?: ChangeTable;
}

const AS_USUAL: EncodeGroup = { isProbe: false, poison: NO_POISON };

/** The first batch of a group, on its way, and the memory for all of them. */
interface BegunRead {
  readonly memory: ReadMemory;
  readonly first: Promise<BatchContent> | undefined;
}

interface Prepared {
  readonly group: BatchGroup;
  /** Of a group that cannot be encoded yet. */
  readonly begun: BegunRead | undefined;
  /** Undefined when it could not be read; whoever needs it hears why. */
  encoded: Promise<EncodedGroup | undefined> | undefined;
}

/** Encodes groups of one source, one of them ahead of its time. */
export class GroupEncoder {
  readonly #consumer: string;
  readonly #decoder: MessageDecoder;
  readonly #targets: SourceTargets;
  /** Groups that will be asked for, in their order; the first may be what is asked for next. */
  #prepared: Prepared[] = [];
  /** Of groups that were read to their end. */
  readonly #memories: ReadMemory[] = [];
  /** Whether the server is busy with a group, so that another may be encoded meanwhile. */
  #isAhead = false;

  constructor({ consumer, decode }: Source, targets: SourceTargets) {
    this.#consumer = consumer;
    this.#decoder = new MessageDecoder(decode);
    this.#targets = targets;
  }

  /** Notes a group that will be asked for; it is encoded when the one before is being sent. */
  prepare(group: BatchGroup): void {
    const begun = this.#hasPlans || this.#prepared.length > 0 ? undefined : this.#beginRead(group);
    this.#prepared = [...this.#prepared.slice(-1), { group, begun, encoded: undefined }];
    if (this.#isAhead) this.#encodeAhead();
  }

  /** Says that the server is busy with a group: until the next is asked for, another may be encoded. */
  goAhead(): void {
    if (!this.#isAhead) this.#encodeAhead();
    this.#isAhead = true;
  }

  /** Encodes with the present plans, and as often as rows do not fit, with better ones. */
  async encode(client: ClientBase, group: BatchGroup, task: EncodeGroup): Promise<EncodedGroup> {
    const { onProgress = () => {}, changer = new TableChanger(client) } = task;
    this.#targets.refresh();
    this.#isAhead = false;
    let encoded = (await this.#takePrepared(group, task)) ?? (await this.#encodeOnce(group, task));
    for (let plans = 0; plans < MAX_PLANS; plans++) {
      const unsettled = encoded.encoding.unsettled();
      onProgress(unsettled.length === 0 ? undefined : LONG_MS);
      if (unsettled.length === 0) return encoded;
      for (const { target, misfits } of unsettled) await target.improve(client, changer, misfits);
      encoded.encoding.release();
      encoded = await this.#encodeOnce(group, task);
    }
    throw new BlockedError({
      code: 'sink.replan',
      message: `${this.#consumer}: expected the columns of its tables to stay as they were made`,
    });
  }

  /** What was encoded ahead is of use if nothing has changed since. */
  async #takePrepared(
    group: BatchGroup,
    { isProbe, poison }: EncodeGroup,
  ): Promise<EncodedGroup | undefined> {
    const at = this.#prepared.findIndex((candidate) => isSame(candidate.group, group));
    // What was noted before it is asked for no more.
    const prepared = this.#prepared.splice(0, at + 1).at(-1);
    const encoded = await prepared?.encoded;
    if (encoded === undefined) return undefined;
    if (!isProbe && poison.size === 0 && !encoded.encoding.isStale) return encoded;
    encoded.encoding.release();
    return undefined;
  }

  /** Begins with the next group that was noted; without plans nothing could be encoded. */
  #encodeAhead(): void {
    const [first, second] = this.#prepared;
    const next = first?.encoded === undefined ? first : second;
    if (next === undefined || next.encoded !== undefined) return;
    if (!this.#hasPlans) return;
    const before = first === next ? undefined : first?.encoded;
    next.encoded = (async () => {
      await before;
      return this.#encodeOnce(next.group, AS_USUAL, next.begun);
    })().catch(() => undefined);
  }

  get #hasPlans(): boolean {
    return this.#targets.all().every(({ hasPlan }) => hasPlan);
  }

  #beginRead(group: BatchGroup): BegunRead {
    const memory = this.#memories.pop() ?? new ReadMemory(allocateForKernel);
    const first = group[0]?.batch.read(memory);
    // Who waits for it hears of it; nobody may come to that.
    first?.catch(() => {});
    return { memory, first };
  }

  async #encodeOnce(
    group: BatchGroup,
    task: EncodeGroup,
    begun = this.#beginRead(group),
  ): Promise<EncodedGroup> {
    const encoding = this.#targets.begin(task, byteLengthOf(group));
    const pacer = new Pacer(STRETCH_BYTES);
    const batches: EncodedBatch[] = [];
    for await (const { batch, content, decoder = this.#decoder } of this.#readAhead(group, begun)) {
      task.onProgress?.();
      encoding.beginBatch(batch.seq);
      batches.push(await encodeBatch(batch, content, { decoder, pacer }, encoding));
      if (encoding.isFutile) break;
    }
    return { batches, encoding };
  }

  /** Reads each batch while the one before is worked on. A content is valid until the next is asked for. */
  async *#readAhead(
    group: BatchGroup,
    { memory, first }: BegunRead,
  ): AsyncGenerator<BatchGroup[number] & { content: BatchContent }> {
    let next = first;
    try {
      for (const [i, member] of group.entries()) {
        const content = (await next) as BatchContent;
        next = group[i + 1]?.batch.read(memory);
        next?.catch(() => {});
        yield { ...member, content };
      }
    } finally {
      await Promise.allSettled([next]);
      this.#memories.push(memory);
    }
  }
}

function byteLengthOf(group: BatchGroup): number {
  return group.reduce((sum, { batch }) => sum + batch.byteLength, 0);
}

function isSame(a: BatchGroup, b: BatchGroup): boolean {
  return a.length === b.length && a.every(({ batch }, i) => batch === b[i]?.batch);
}
