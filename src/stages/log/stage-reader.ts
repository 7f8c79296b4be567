import type { Logger } from '../../utils/logger.js';
import { Wakeup } from '../../utils/wakeup.js';
import { type Batch, FAILED, type Follow, type StageMark } from '../stage.js';
import type { StageFs, StageLock } from '../stage-fs.js';
import { type Attempts, noteAttempt, takeBackAttempt } from './attempts.js';
import { BatchQueue, type QueuedBatch } from './batch-queue.js';
import { readCursor, writeCursor } from './cursor.js';
import type { Fact } from './fact.js';
import { foldManifest } from './fold-manifest.js';
import { readIdentity, type StageIdentity, type StageOwner } from './identity.js';
import type { StageLayout } from './layout.js';
import { findManifestFile } from './manifest-header.js';
import { ManifestTail } from './manifest-tail.js';
import { isNoSpace } from './no-space.js';
import { RangeReader } from './range-reader.js';
import { type BatchSource, SealedBatch } from './sealed-batch.js';

const POLL_MS = 100;
const SAFEGUARD_MS = 1000;
/** A writer that starts at the same time gets so long to say that the stage goes on. */
const SETTLE_MS = 2000;

/** A batch that was begun so often may be what ends the process; it is tried alone. */
const MANY_ATTEMPTS = 3;

const FIRST_MESSAGES = 60_000;

/** Who reads, and whose stage it is. */
export interface ReaderOwner extends StageOwner {
  readonly reader: string;
  readonly logger: Logger;
}

interface OpenReader {
  readonly lock: StageLock;
  readonly source: BatchSource;
  readonly tail: ManifestTail;
  readonly queue: BatchQueue;
}

/** Follows a stage from one reader's cursor on. Its lock keeps a second reader of that name away. */
export class StageReader {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #owner: ReaderOwner;
  readonly #wakeup = new Wakeup();
  readonly #startedMs = performance.now();
  readonly #alarms = new Set<string>();
  #open: OpenReader | undefined;
  #noticed: StageMark | undefined;
  #hasEnded = false;
  /** The last batch that was given, and the last that the cursor has passed since. */
  #given = 0;
  #passed = 0;
  /** The last that was noted. */
  #attempt: Attempts | undefined;
  /** The first groups have no more messages: until one is encoded nothing can be sent. */
  #rampUp = FIRST_MESSAGES;

  constructor(fs: StageFs, layout: StageLayout, owner: ReaderOwner) {
    this.#fs = fs;
    this.#layout = layout;
    this.#owner = owner;
  }

  /** The writer's word that its facts up to `mark` are durable. */
  notice(mark: StageMark): void {
    this.#noticed = mark;
    this.#wakeup.ring();
  }

  /** The groups of batches behind the cursor; see `Stage.batches`. */
  async *batches(follow: Follow): AsyncGenerator<readonly Batch[]> {
    const ring = () => this.#wakeup.ring();
    for (const signal of [follow.signal, follow.drained]) signal.addEventListener('abort', ring);
    try {
      if (!(await this.#untilOpen(follow))) return;
      while (await this.#untilNews(follow)) {
        while (this.#isWaiting() && !follow.signal.aborted) yield await this.#nextGroup(follow);
      }
    } finally {
      for (const signal of [follow.signal, follow.drained]) signal.removeEventListener('abort', ring);
      if (follow.signal.aborted && follow.signal.reason !== FAILED) await this.#takeBackAttempt();
      await this.close();
    }
  }

  /** The first batch behind the cursor, without waiting for one; the same until `pass` was called. */
  async peek(): Promise<Batch | undefined> {
    if (!(await this.#tryOpen())) return undefined;
    while (!this.#isWaiting() && (await this.#look()));
    const { queue, source } = this.#open as OpenReader;
    const first = queue.waiting[0];
    return first && new SealedBatch(source, first.fact, first);
  }

  /** The cursor has passed a batch that `peek` gave. */
  pass(seq: number): void {
    this.#passed = Math.max(this.#passed, seq);
    const queue = this.#open?.queue;
    const count = queue?.waiting.filter(({ fact }) => fact.seq <= seq).length ?? 0;
    queue?.shift(count);
  }

  /** Gives the reader's lock back. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    this.#given = this.#passed;
    try {
      await open?.tail.close();
    } finally {
      await open?.lock.release();
    }
  }

  async #untilOpen(follow: Follow): Promise<boolean> {
    for (;;) {
      const isLastLook = follow.drained.aborted || follow.signal.aborted;
      if (await this.#tryOpen()) return true;
      if (isLastLook) return false;
      await this.#wakeup.wait(POLL_MS);
    }
  }

  /** @returns false while there is no stage yet */
  async #tryOpen(): Promise<boolean> {
    if (this.#open !== undefined) return true;
    const identity = await readIdentity(this.#fs, this.#layout, this.#owner);
    if (identity === undefined || (await findManifestFile(this.#fs, this.#layout, 0)) === undefined)
      return false;
    await this.#fs.makeFolder(this.#layout.cursorFolder);
    const { reader } = this.#owner;
    const lock = await this.#fs.lock(this.#layout.cursorLock(reader), `cursor of ${reader}`);
    try {
      this.#open = { lock, ...(await this.#openAtCursor(identity)) };
    } catch (error) {
      await lock.release();
      throw error;
    }
    return true;
  }

  async #openAtCursor(identity: StageIdentity): Promise<Omit<OpenReader, 'lock'>> {
    const onDamage = (message: string) => this.#alarm(message);
    const pruned = (await foldManifest(this.#fs, this.#layout))?.state.pruned ?? { through: 0, bytes: 0 };
    const cursor = await readCursor(this.#fs, this.#layout, this.#owner.reader);
    const seq = cursor?.seq ?? 0;
    if (cursor === undefined) await this.#beginCursor(pruned);
    if (seq < pruned.through) this.#sayMissed(seq, pruned.through);
    const last = Math.max(seq, pruned.through);
    const bytes = Math.max(cursor?.bytes ?? 0, pruned.bytes);
    const hasPassed = seq > (identity.rekeyed_after ?? 0) && cursor?.begun !== true;
    const previous = hasPassed ? seq : 0;
    const first = (await findManifestFile(this.#fs, this.#layout, last)) ?? 1;
    return {
      source: { fs: this.#fs, layout: this.#layout, identity, onDamage },
      tail: new ManifestTail(this.#fs, this.#layout, first),
      queue: new BatchQueue(this.#fs, this.#layout, { last, bytes, previous }, onDamage),
    };
  }

  /** From now on nothing is pruned that this reader has not passed. */
  async #beginCursor(pruned: { readonly through: number; readonly bytes: number }): Promise<void> {
    const { reader } = this.#owner;
    if (await this.#fs.exists(this.#layout.cursor(reader)))
      this.#alarm(`the cursor of ${reader} is damaged; it begins again at the oldest batch that is kept`);
    const start = { seq: pruned.through, bytes: pruned.bytes, begun: true };
    await writeCursor(this.#fs, this.#layout, reader, start).catch((error: unknown) => {
      // On a full disk the first commit makes it; reading on is what makes room.
      if (!isNoSpace(error)) throw error;
    });
  }

  #sayMissed(seq: number, through: number): void {
    const { logger, consumer } = this.#owner;
    const message = `${consumer}: batches ${seq + 1} to ${through} are no longer kept; loading begins behind them`;
    logger.log({
      level: 'warn',
      message,
      hint: 'stage.retain says how long batches stay that every producer has passed',
    });
  }

  /** @returns false when there is nothing left to wait for */
  async #untilNews(follow: Follow): Promise<boolean> {
    while (!follow.signal.aborted) {
      const isLastLook = follow.drained.aborted;
      if (await this.#look()) return true;
      if (isLastLook || this.#hasSourceEnded(follow)) return false;
      // A writer in this process gives notice, so the look without one is only a safeguard.
      await this.#wakeup.wait(follow.endsWithSource ? POLL_MS : SAFEGUARD_MS);
    }
    return false;
  }

  /** @returns whether there was anything new */
  async #look(): Promise<boolean> {
    const { tail, queue } = this.#open as OpenReader;
    const { facts, damaged } = await tail.next(this.#noticed);
    if (damaged > 0) this.#alarm(`${this.#layout.manifestFolder}: ${damaged} lines are damaged`);
    for (const fact of facts) {
      this.#noteEnd(fact);
      await queue.take(fact);
    }
    return facts.length + damaged > 0;
  }

  #noteEnd(fact: Fact): void {
    if (fact.fact === 'manifest') this.#hasEnded = fact.ended;
    if (fact.fact === 'opened') this.#hasEnded = false;
    if (fact.fact === 'ended') this.#hasEnded = true;
  }

  #hasSourceEnded(follow: Follow): boolean {
    return follow.endsWithSource && this.#hasEnded && performance.now() - this.#startedMs >= SETTLE_MS;
  }

  #isWaiting(): boolean {
    return (this.#open?.queue.waiting.length ?? 0) > 0;
  }

  /** A group may be asked for before the one before was passed; what ends the process is looked for in the first only. */
  async #nextGroup({ limits }: Follow): Promise<readonly Batch[]> {
    const { queue, source } = this.#open as OpenReader;
    const isFirst = this.#passed >= this.#given;
    const isSuspect = isFirst && (await this.#isSuspect(queue.waiting[0]?.fact.seq ?? 0));
    const messages = Math.min(limits.messages, this.#rampUp);
    const count = isSuspect ? 1 : groupSize(queue.waiting, { ...limits, messages });
    this.#rampUp *= 2;
    const taken = queue.shift(count);
    const facts = taken.map(({ fact }) => fact);
    const together = { ...source, ranges: new RangeReader(this.#fs, this.#layout, facts) };
    const group = taken.map((queued) => new SealedBatch(together, queued.fact, { ...queued, isSuspect }));
    this.#given = group.at(-1)?.seq ?? this.#given;
    return group;
  }

  async #isSuspect(seq: number): Promise<boolean> {
    const attempts = await noteAttempt(this.#fs, this.#layout, this.#owner.reader, seq);
    this.#attempt = { seq, attempts };
    if (attempts <= MANY_ATTEMPTS) return false;
    this.#sayOften(seq, attempts);
    return true;
  }

  /** Who was told to stop did not fail at the batch. */
  async #takeBackAttempt(): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === undefined || this.#passed >= attempt.seq) return;
    await takeBackAttempt(this.#fs, this.#layout, this.#owner.reader, attempt);
  }

  #sayOften(seq: number, attempts: number): void {
    const { logger, consumer } = this.#owner;
    const message = `${consumer}: batch ${seq} was begun ${attempts} times and never passed; one batch at a time is loaded until it is`;
    const hint = `socket-el stage show <config> ${consumer} --batch ${seq} shows what is in it`;
    logger.log({ level: 'warn', message, hint });
  }

  /** Once each. */
  #alarm(message: string): void {
    if (this.#alarms.has(message)) return;
    this.#alarms.add(message);
    this.#owner.logger.log({ level: 'error', message });
  }
}

/** So many of the first batches go together under the limits; at least one. */
function groupSize(waiting: readonly QueuedBatch[], limits: Follow['limits']): number {
  let messages = 0;
  let bytes = 0;
  const over = waiting.findIndex(({ fact }) => {
    messages += fact.messages;
    bytes += fact.to - fact.from;
    return messages > limits.messages || bytes > limits.bytes;
  });
  return over < 0 ? waiting.length : Math.max(1, over);
}
