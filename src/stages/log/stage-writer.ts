import { nowUs } from '../../utils/clock.js';
import { SocketElError } from '../../utils/errors.js';
import type { EndReason, Gap, MessageChunk, SealedCounts, StageContext } from '../stage.js';
import type { StageFs } from '../stage-fs.js';
import { type Fact, instantText, type SealReason } from './fact.js';
import { FlushGroup } from './flush-group.js';
import type { StageLayout } from './layout.js';
import type { ManifestWriter } from './manifest-writer.js';
import { OpenBatch } from './open-batch.js';
import type { Recovered } from './recovery.js';
import { SegmentWriter } from './segment-writer.js';
import type { WriterState } from './writer-state.js';

const GROUP_BYTES = 1024 * 1024;
const GROUP_MS = 20;
const MAX_BYTES_IN_FLIGHT = 8 * 1024 * 1024;
const ROLL_BYTES = 64 * 1024 * 1024;
const ROLL_MS = 60_000;

/**
 * The one writer of a stage. `put` only notes; one flush at a time writes what was noted, syncs the segment, then
 * appends what was sealed to the manifest and syncs that: the only commit point.
 */
export class StageWriter {
  readonly #context: StageContext;
  readonly #stageId: string;
  readonly #segments: SegmentWriter;
  readonly #manifest: ManifestWriter;
  readonly #state: WriterState;
  #batch: OpenBatch;
  #nextSeq: number;
  #segmentStartedMs = performance.now();
  #group = new FlushGroup();
  readonly #closedGroups: FlushGroup[] = [];
  #bytesInFlight = 0;
  #waiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #flushing: Promise<void> | undefined;
  #groupTimer: NodeJS.Timeout | undefined;
  #intervalTimer: NodeJS.Timeout | undefined;
  #failure: SocketElError | undefined;

  constructor(
    fs: StageFs,
    layout: StageLayout,
    recovered: Recovered,
    owner: { id: string; context: StageContext },
  ) {
    this.#context = owner.context;
    this.#stageId = owner.id;
    this.#segments = new SegmentWriter(fs, layout);
    this.#manifest = recovered.manifest;
    this.#state = recovered.state;
    this.#nextSeq = recovered.state.nextSeq;
    this.#batch = new OpenBatch({ segment: recovered.state.nextSegment, offset: 0, receipt: 0 });
  }

  /** What is durable. */
  get state(): WriterState {
    return this.#state;
  }

  /** Accepts a chunk; resolves when the bytes in flight are under the limit. */
  async put(chunk: MessageChunk): Promise<void> {
    this.#demandHealth();
    if (chunk.messages === 0) return;
    const { segment, offset } = this.#batch.end;
    if (offset === 0) this.#segmentStartedMs = performance.now();
    this.#group.add(chunk, segment, this.#batch.add(chunk));
    this.#bytesInFlight += chunk.bytes.length;
    this.#context.onAccepted?.(chunk.messages, chunk.bytes.length);
    const due = this.#batch.isDue(this.#context.batch);
    if (due !== undefined) this.#sealBatch(due);
    else this.#intervalTimer ??= setTimeout(() => this.#onInterval(), this.#context.batch.interval);
    this.#schedule();
    if (this.#bytesInFlight > MAX_BYTES_IN_FLIGHT) await this.#untilDurable();
  }

  /** Records a gap; it becomes durable before any chunk put after it. */
  gap(gap: Gap): void {
    const { fromUs, toUs, reason } = gap;
    const fact: Fact = { fact: 'gap', from: instantText(fromUs), to: instantText(toUs), reason, to_us: toUs };
    // What was put before it must not become durable after it.
    if (this.#group.parts.length > 0) this.#closeGroup();
    this.#group.early.push(fact);
    this.#flushSoon();
  }

  /** Records that the source was being received until then. */
  receivedUntil(us: number): void {
    this.#group.facts.push({ fact: 'received', until: instantText(us), until_us: us });
    this.#flushSoon();
  }

  /** Seals the open batch and resolves when everything accepted is durable. */
  async seal(by: SealReason): Promise<void> {
    this.#demandHealth();
    this.#sealBatch(by);
    await this.#flushAll();
  }

  /** Seals, and records that the source has ended for good. */
  async end(by: EndReason): Promise<void> {
    this.#sealBatch('stop');
    this.#group.facts.push({ fact: 'ended', epoch: this.#state.epoch, at: instantText(nowUs()), by });
    await this.#flushAll();
  }

  /** Seals, makes everything durable and closes the files; after a failure it only closes them. */
  async close(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#stop();
      // The last segment may still be on its way to its place.
      await this.#flushing;
    } finally {
      clearTimeout(this.#groupTimer);
      clearTimeout(this.#intervalTimer);
      await this.#segments.close();
      await this.#manifest.close();
    }
  }

  async #stop(): Promise<void> {
    this.#sealBatch('stop');
    this.#group.facts.push({ fact: 'stopped', epoch: this.#state.epoch, at: instantText(nowUs()) });
    await this.#flushAll();
  }

  #onInterval(): void {
    this.#sealBatch('interval');
    this.#flushSoon();
  }

  #sealBatch(by: SealReason): void {
    clearTimeout(this.#intervalTimer);
    this.#intervalTimer = undefined;
    if (this.#batch.messages === 0) return;
    const { segment, offset, receipt } = this.#batch.end;
    const isLast = offset >= ROLL_BYTES || performance.now() - this.#segmentStartedMs >= ROLL_MS;
    this.#group.seal(this.#batch.toFact(this.#nextSeq++, by), isLast);
    this.#batch = new OpenBatch(
      isLast ? { segment: segment + 1, offset: 0, receipt: 0 } : { segment, offset, receipt },
    );
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
    const isIdle = this.#closedGroups.length === 0 && this.#group.isEmpty;
    if (this.#failure !== undefined || this.#flushing !== undefined || isIdle) return;
    const isDue = this.#closedGroups.length > 0 || this.#group.isUrgent || this.#group.bytes >= GROUP_BYTES;
    if (isDue) this.#startFlush();
    else this.#groupTimer ??= setTimeout(() => this.#startFlush(), GROUP_MS);
  }

  #startFlush(): void {
    clearTimeout(this.#groupTimer);
    this.#groupTimer = undefined;
    if (this.#flushing !== undefined || this.#failure !== undefined) return;
    if (this.#closedGroups.length === 0) this.#closeGroup();
    this.#flushing = this.#store(this.#closedGroups.shift() as FlushGroup)
      .catch((cause: unknown) => this.#fail(cause))
      .finally(() => {
        this.#flushing = undefined;
        this.#schedule();
      });
  }

  async #store(group: FlushGroup): Promise<void> {
    await this.#appendFacts(group.early);
    for (const part of group.parts) {
      await this.#segments.append(part);
      if (part.isLast) await this.#segments.close();
    }
    await this.#appendFacts(group.facts);
    // Invariant 1: only now would the chunks survive a crash.
    for (const onDurable of group.onDurable) onDurable();
    this.#release(group.bytes);
    await this.#finishSegments(group);
  }

  async #appendFacts(facts: readonly Fact[]): Promise<void> {
    if (facts.length === 0) return;
    await this.#manifest.append(facts);
    for (const fact of facts) this.#state.apply(fact);
    this.#context.onSealed?.(this.#manifest.mark, countSealed(facts));
    if (this.#manifest.isFull) await this.#manifest.roll(this.#state.header(this.#stageId));
  }

  async #finishSegments(group: FlushGroup): Promise<void> {
    for (const { segment, isLast } of group.parts) {
      if (!isLast) continue;
      await this.#segments.finish(segment);
      this.#state.finish(segment);
    }
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

  #release(bytes: number): void {
    this.#bytesInFlight -= bytes;
  }

  /** Final: nothing is written or synced any more, and whoever waits or puts hears of it. */
  #fail(cause: unknown): void {
    clearTimeout(this.#groupTimer);
    clearTimeout(this.#intervalTimer);
    this.#failure = cause instanceof SocketElError ? cause : diskError(this.#context.consumer, cause);
    for (const waiter of this.#waiters) waiter.reject(this.#failure);
    this.#waiters = [];
    this.#context.onFailed?.(this.#failure);
  }

  #demandHealth(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function diskError(consumer: string, cause: unknown): SocketElError {
  const message = `stage of ${consumer}: expected to write and sync its files`;
  const hint = 'what was durable stays; look at the disk and start again';
  return new SocketElError({ code: 'stage.disk', message, hint }, { cause });
}

function countSealed(facts: readonly Fact[]): SealedCounts {
  const counts = { batches: 0, messages: 0, bytes: 0 };
  for (const fact of facts) {
    if (fact.fact !== 'sealed') continue;
    counts.batches++;
    counts.messages += fact.messages;
    counts.bytes += fact.to - fact.from;
  }
  return counts;
}
