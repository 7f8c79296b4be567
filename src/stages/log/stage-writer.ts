import { nowUs } from '../../utils/clock.js';
import type { SocketElError } from '../../utils/errors.js';
import { instantText } from '../../utils/instant-text.js';
import type { EndReason, Gap, MessageChunk, StageContext } from '../stage.js';
import type { Fact, SealReason } from './fact.js';
import { FlushGroup } from './flush-group.js';
import type { SealMark } from './lay-out.js';
import type { LogStore } from './log-store.js';
import type { Tuning } from './tuning.js';
import { closedError, writerError } from './writer-error.js';
import type { WriterState } from './writer-state.js';

/** So long a stop waits for room on the disk. */
const STOP_WAIT_MS = 5000;
const MAX_BYTES_IN_FLIGHT = 8 * 1024 * 1024;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one writer of a stage. `put` only notes; one flush at a time makes durable what was noted, while the next
 * messages gather.
 */
export class StageWriter {
  readonly #context: StageContext;
  readonly #store: LogStore;
  readonly #state: WriterState;
  readonly #tuning: Tuning;
  #group = new FlushGroup();
  readonly #closedGroups: FlushGroup[] = [];
  #openMessages = 0;
  #openBytes = 0;
  #bytesInFlight = 0;
  #waiters: Waiter[] = [];
  #flushing: Promise<void> | undefined;
  #groupTimer: NodeJS.Timeout | undefined;
  #intervalTimer: NodeJS.Timeout | undefined;
  #rollTimer: NodeJS.Timeout | undefined;
  readonly #tidyTimer: NodeJS.Timeout;
  #isTidyDue = false;
  #hasStopped = false;
  readonly #afterTidy: Waiter[] = [];
  #failure: SocketElError | undefined;

  constructor(store: LogStore, state: WriterState, context: StageContext, tuning: Tuning) {
    this.#store = store;
    this.#state = state;
    this.#context = context;
    this.#tuning = tuning;
    this.#tidyTimer = setInterval(() => this.#onTidy(), tuning.tidyMs);
  }

  /** What is durable. */
  get state(): WriterState {
    return this.#state;
  }

  /** Accepts a chunk; resolves when the bytes in flight are under the limit. */
  async put(chunk: MessageChunk): Promise<void> {
    this.#demandHealth();
    if (chunk.messages === 0) return;
    this.#bytesInFlight += this.#group.add(chunk);
    if (chunk.onDurable !== undefined) this.#group.onDurable.push(chunk.onDurable);
    this.#openMessages += chunk.messages;
    this.#openBytes += chunk.bytes.length;
    this.#context.onAccepted?.(chunk.messages, chunk.bytes.length);
    const due = this.#due();
    if (due !== undefined) this.#sealBatch(due);
    else if (!this.#isOfSets) this.#startTimers();
    this.#schedule();
    if (this.#bytesInFlight > MAX_BYTES_IN_FLIGHT) await this.#untilDurable();
  }

  /** Records a gap; it becomes durable before any chunk put after it. */
  gap(gap: Gap): void {
    const { fromUs, toUs, reason } = gap;
    const fact: Fact = { fact: 'gap', from: instantText(fromUs), to: instantText(toUs), reason, to_us: toUs };
    // What was put before it must not become durable after it.
    if (this.#group.entries.length > 0) this.#closeGroup();
    this.#group.early.push(fact);
    this.#flushSoon();
  }

  /** Records that the source was being received until then. */
  receivedUntil(us: number): void {
    this.#group.late.push({ fact: 'received', until: instantText(us), until_us: us });
    this.#flushSoon();
  }

  /** Records a fact and resolves when it counts. */
  async record(fact: Fact): Promise<void> {
    this.#demandHealth();
    this.#group.late.push(fact);
    await this.#flushAll();
  }

  /** Seals the open batch and resolves when everything accepted is durable. */
  async seal(by: SealReason): Promise<void> {
    this.#demandHealth();
    // Also without messages: an empty set is one.
    if (this.#isOfSets) this.#mark({ seal: 'set', roll: true });
    else this.#sealBatch(by);
    await this.#flushAll();
  }

  /** Seals, and moves the segment to where whole ones lie. */
  async roll(): Promise<void> {
    this.#demandHealth();
    this.#sealBatch('roll', true);
    await this.#flushAll();
  }

  /** Removes what every reader has passed and nobody asked to keep, as is done every second or so. */
  prune(): Promise<void> {
    this.#demandHealth();
    return new Promise((resolve, reject) => {
      this.#afterTidy.push({ resolve, reject });
      this.#onTidy();
    });
  }

  /** Seals, and records that the source has ended for good. */
  async end(by: EndReason): Promise<void> {
    this.#sealBatch('stop');
    this.#group.late.push({ fact: 'ended', epoch: this.#state.epoch, at: instantText(nowUs()), by });
    await this.#flushAll();
  }

  /** Seals everything and records that the writer stopped; nothing may be put afterwards. */
  async stop(): Promise<void> {
    if (this.#failure !== undefined || this.#hasStopped) return;
    this.#hasStopped = true;
    this.#sealBatch('stop', true);
    this.#group.late.push({ fact: 'stopped', epoch: this.#state.epoch, at: instantText(nowUs()) });
    const impatience = setTimeout(() => this.#store.giveUpWaiting(), STOP_WAIT_MS);
    await this.#flushAll().finally(() => clearTimeout(impatience));
  }

  /** Closes the files. What is not durable then is lost, so `stop` comes before it unless that failed. */
  async close(): Promise<void> {
    clearInterval(this.#tidyTimer);
    clearTimeout(this.#rollTimer);
    clearTimeout(this.#groupTimer);
    clearTimeout(this.#intervalTimer);
    this.#store.giveUpWaiting();
    this.#failure ??= closedError(this.#context.consumer);
    await this.#flushing;
    await this.#store.close();
  }

  get #isOfSets(): boolean {
    return this.#context.isOfSets === true;
  }

  #startTimers(): void {
    this.#intervalTimer ??= setTimeout(() => this.#onInterval(), this.#context.batch.interval);
    this.#rollTimer ??= setTimeout(() => this.#onRoll(), this.#tuning.rollMs);
  }

  #due(): 'size' | 'bytes' | undefined {
    if (this.#isOfSets) return undefined;
    if (this.#openMessages >= this.#context.batch.size) return 'size';
    return this.#openBytes >= this.#context.batch.bytes ? 'bytes' : undefined;
  }

  #onInterval(): void {
    this.#sealBatch('interval');
    this.#flushSoon();
  }

  #onRoll(): void {
    this.#sealBatch('roll', true);
    this.#flushSoon();
  }

  #onTidy(): void {
    this.#isTidyDue = true;
    this.#schedule();
  }

  #sealBatch(seal: SealReason, roll = false): void {
    // Part of a set is none.
    if (this.#isOfSets) return;
    clearTimeout(this.#intervalTimer);
    this.#intervalTimer = undefined;
    if (roll) {
      clearTimeout(this.#rollTimer);
      this.#rollTimer = undefined;
    } else if (this.#openMessages === 0) return;
    this.#mark({ seal, roll });
  }

  #mark(mark: SealMark): void {
    this.#group.seal(mark);
    this.#openMessages = 0;
    this.#openBytes = 0;
  }

  #flushSoon(): void {
    this.#group.isUrgent = true;
    this.#schedule();
  }

  /** The next chunks and facts go into another flush than those until now. */
  #closeGroup(): void {
    this.#closedGroups.push(this.#group);
    this.#group = new FlushGroup();
  }

  #schedule(): void {
    if (this.#failure !== undefined || this.#flushing !== undefined) return;
    const isFlushDue =
      this.#closedGroups.length > 0 || this.#group.isUrgent || this.#group.bytes >= this.#tuning.groupBytes;
    if (isFlushDue) this.#startFlush();
    else if (this.#isTidyDue) this.#startTidy();
    else if (!this.#group.isEmpty) {
      this.#groupTimer ??= setTimeout(() => this.#startFlush(), this.#tuning.groupMs);
    }
  }

  #startFlush(): void {
    clearTimeout(this.#groupTimer);
    this.#groupTimer = undefined;
    if (this.#flushing !== undefined || this.#failure !== undefined) return;
    if (this.#closedGroups.length === 0) this.#closeGroup();
    const group = this.#closedGroups.shift() as FlushGroup;
    this.#take(this.#store.store(group).then(() => this.#onStored(group)));
  }

  #startTidy(): void {
    this.#isTidyDue = false;
    const waiters = this.#afterTidy.splice(0);
    const settle = () => {
      for (const { resolve } of waiters) resolve();
    };
    this.#waiters.push(...waiters);
    this.#take(this.#store.tidy().then(settle));
  }

  /** One piece of work at a time: none may append to the log beside another. */
  #take(work: Promise<void>): void {
    this.#flushing = work
      .catch((cause: unknown) => this.#fail(cause))
      .finally(() => {
        this.#flushing = undefined;
        this.#schedule();
      });
  }

  #onStored(group: FlushGroup): void {
    // Invariant 1: only now would the chunks survive a crash.
    for (const onDurable of group.onDurable) onDurable();
    this.#bytesInFlight -= group.bytes;
  }

  async #flushAll(): Promise<void> {
    this.#group.isUrgent = true;
    const done = this.#untilDurable();
    this.#schedule();
    await done;
  }

  /** Resolves when what is accepted by now is durable. */
  #untilDurable(): Promise<void> {
    this.#demandHealth();
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiters.push(waiter);
      this.#group.onDurable.push(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve();
      });
    });
  }

  /** Final: nothing is written or synced any more, and whoever waits or puts hears of it. */
  #fail(cause: unknown): void {
    clearTimeout(this.#groupTimer);
    clearTimeout(this.#intervalTimer);
    clearTimeout(this.#rollTimer);
    this.#failure = writerError(this.#context.consumer, this.#store.folder, cause);
    for (const waiter of [...this.#waiters, ...this.#afterTidy]) waiter.reject(this.#failure);
    this.#waiters = [];
    this.#context.onFailed?.(this.#failure);
  }

  #demandHealth(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
