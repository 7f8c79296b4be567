import type { ClientBase } from 'pg';
import { BlockedError } from '../../utils/errors.js';
import { Pacer } from '../../utils/pacer.js';
import { MessageDecoder } from '../../utils/rows/message-decoder.js';
import type { Source } from '../producer.js';
import { type EncodedBatch, encodeBatch } from './batch-encoder.js';
import { type ChangeTable, TableChanger } from './change-table.js';
import { LONG_MS, type Progress } from './copy-rows.js';
import type { GroupEncoding } from './group-encoding.js';
import { type BatchGroup, GroupRead } from './group-read.js';
import { NO_POISON, type Poison } from './poison.js';
import type { SourceTargets } from './source-targets.js';

/** More changes of the tables for one group mean that somebody else changes them back. */
const MAX_PLANS = 40;
/** After so many bytes of messages, about half a millisecond, what is being sent gets its turn. */
const STRETCH_BYTES = 128 * 1024;
/** Of messages: some twenty thousand rows. */
const CUT_BYTES = 4 * 1024 * 1024;

/** A group that was encoded, or the first batches of it. */
export interface EncodedGroup {
  readonly batches: readonly EncodedBatch[];
  readonly encoding: GroupEncoding;
  /** The read that goes on with the other batches. */
  readonly rest?: GroupRead | undefined;
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

/** A group that will be asked for. */
interface Prepared {
  readonly group: BatchGroup;
  /** Whether the batches before it are being sent. */
  readonly isRest: boolean;
  /** What was begun to be read. */
  read: GroupRead | undefined;
  /** Whether the server waits for it. */
  isAskedFor: boolean;
  /** Undefined when it could not be read; whoever needs it hears why. */
  encoded: Promise<EncodedGroup | undefined> | undefined;
}

const NOT_BEGUN = { isRest: false, isAskedFor: false, encoded: undefined };

/** Encodes groups of one source, one of them ahead of its time. */
export class GroupEncoder {
  readonly #consumer: string;
  readonly #decoder: MessageDecoder;
  readonly #targets: SourceTargets;
  /** Groups that will be asked for, in their order; the first may be what is asked for next. */
  #prepared: Prepared[] = [];
  /** Whether the server is busy with a group, so that another may be encoded meanwhile. */
  #isAhead = false;

  constructor({ consumer, decode }: Source, targets: SourceTargets) {
    this.#consumer = consumer;
    this.#decoder = new MessageDecoder(decode);
    this.#targets = targets;
  }

  /**
   * Notes a group that will be asked for; it is encoded when the one before is being sent.
   *
   * @param read of the group, if it was begun
   */
  prepare(group: BatchGroup, read?: GroupRead): void {
    for (const old of this.#prepared.splice(0, this.#prepared.length - 1)) drop(old);
    this.#prepared.push({ ...NOT_BEGUN, group, read });
    if (this.#isAhead) this.#encodeAhead();
  }

  /** Says that the server is busy with a group: until the next is asked for, another may be encoded. */
  goAhead(): void {
    if (!this.#isAhead) this.#encodeAhead();
    this.#isAhead = true;
  }

  /** Says that the server waits for us: nothing else is begun until `goAhead`. */
  stay(): void {
    this.#isAhead = false;
  }

  /**
   * Encodes with the present plans, and as often as rows do not fit, with better ones. Of a group on which work is still
   * going on it may give the first batches only; the others can be asked for next.
   */
  async encode(client: ClientBase, group: BatchGroup, task: EncodeGroup): Promise<EncodedGroup> {
    const { onProgress = () => {}, changer = new TableChanger(client) } = task;
    this.#targets.refresh();
    this.stay();
    let encoded = (await this.#takePrepared(group, task)) ?? (await this.#encodeAll(group, task));
    for (let plans = 0; plans < MAX_PLANS; plans++) {
      const unsettled = encoded.encoding.unsettled();
      onProgress(unsettled.length === 0 ? undefined : LONG_MS);
      if (unsettled.length === 0) return encoded;
      for (const { target, misfits } of unsettled) await target.improve(client, changer, misfits);
      encoded.encoding.release();
      encoded = await this.#encodeAll(group, task);
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
    const gone = this.#prepared.splice(0, at + 1);
    const prepared = gone.pop();
    for (const other of gone) drop(other);
    if (prepared === undefined) return undefined;
    prepared.isAskedFor = true;
    const encoded = await prepared.encoded;
    if (encoded === undefined || isProbe || poison.size > 0 || encoded.encoding.isStale) {
      drop(prepared);
      return undefined;
    }
    // It is asked for next, if all goes well; otherwise it is dropped then.
    if (encoded.rest !== undefined) this.#prepared.unshift(prepareRest(encoded.rest));
    return encoded;
  }

  /** Begins with the next group that was noted; without plans nothing could be encoded. */
  #encodeAhead(): void {
    const [first, second] = this.#prepared;
    const next = first?.encoded === undefined ? first : second;
    if (next === undefined || next.encoded !== undefined) return;
    const isTooEarly = next !== first && first?.isRest === true;
    if (isTooEarly || !this.#hasPlans) return;
    const before = first === next ? undefined : first?.encoded;
    next.encoded = (async () => {
      await before;
      next.read ??= new GroupRead(next.group);
      return this.#encode(next.read, AS_USUAL, () => next.isAskedFor);
    })().catch(() => undefined);
  }

  get #hasPlans(): boolean {
    return this.#targets.all().every(({ hasPlan }) => hasPlan);
  }

  #encodeAll(group: BatchGroup, task: EncodeGroup): Promise<EncodedGroup> {
    return this.#encode(new GroupRead(group), task, () => false);
  }

  /** @param mayCut whether it may end before all is read; then the read can be gone on with */
  async #encode(read: GroupRead, task: EncodeGroup, mayCut: () => boolean): Promise<EncodedGroup> {
    const bytesToGo = read.restBytes;
    const encoding = this.#targets.begin(task, bytesToGo);
    const pacer = new Pacer(STRETCH_BYTES);
    const batches: EncodedBatch[] = [];
    let isCut = false;
    let isDone = false;
    try {
      while (!isCut && !encoding.isFutile) {
        const member = await read.next();
        if (member === undefined) break;
        task.onProgress?.();
        const { batch, content, decoder = this.#decoder } = member;
        encoding.beginBatch(batch.seq);
        batches.push(await encodeBatch(batch, content, { decoder, pacer }, encoding));
        // The server can begin with what is encoded. A few rows are not worth a transaction of their own.
        const isWorthIt = Math.min(bytesToGo - read.restBytes, read.restBytes) >= CUT_BYTES;
        isCut = isWorthIt && mayCut() && encoding.unsettled().length === 0;
      }
      isDone = true;
    } finally {
      if (!isDone) encoding.release();
      if (!isCut) await read.end();
    }
    return { batches, encoding, rest: isCut ? read : undefined };
  }
}

/** Gives back what a group that is asked for no more holds, when nothing works on it any more. */
async function drop({ encoded, read }: Prepared): Promise<void> {
  const done = await encoded;
  done?.encoding.release();
  await read?.end();
}

function prepareRest(read: GroupRead): Prepared {
  return { ...NOT_BEGUN, group: read.rest, read, isRest: true };
}

function isSame(a: BatchGroup, b: BatchGroup): boolean {
  return a.length === b.length && a.every(({ batch }, i) => batch === b[i]?.batch);
}
