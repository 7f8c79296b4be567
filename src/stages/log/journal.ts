import type { StageFs } from '../stage-fs.js';
import type { SealedFact, SealReason } from './fact.js';
import { finishSegment } from './finish-segment.js';
import { type Entry, type LaidPart, layOut } from './lay-out.js';
import type { StageLayout } from './layout.js';
import { batchBehind, emptyBatch, type OpenBatch, sealedFact } from './open-batch.js';
import { SegmentWriter } from './segment-writer.js';

/** Where the first batch goes after recovery. */
export interface JournalStart {
  readonly seq: number;
  readonly segment: number;
}

/** The messages on disk: what is appended gets its place here, and stays where it is once it is durable. */
export class Journal {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #segments: SegmentWriter;
  readonly #rollBytes: number;
  /** The open batch, as far as it is durable. */
  #open: OpenBatch;

  constructor(fs: StageFs, layout: StageLayout, start: JournalStart, rollBytes: number) {
    this.#fs = fs;
    this.#layout = layout;
    this.#segments = new SegmentWriter(fs, layout);
    this.#rollBytes = rollBytes;
    this.#open = emptyBatch({ ...start, offset: 0, receipt: 0 });
  }

  /** Makes entries durable, up to the end of a segment; after an error none of them counts. */
  async append(entries: readonly Entry[]): Promise<LaidPart> {
    const part = layOut(this.#open, entries, this.#rollBytes);
    if (part.chunks.length > 0 || part.sealed.length > 0 || part.isLast) await this.#segments.append(part);
    this.#open = part.open;
    return part;
  }

  /** What is durable of the open batch as a batch of its own; the next messages go behind it. */
  async sealDurable(by: SealReason): Promise<SealedFact | undefined> {
    if (this.#open.messages === 0) return undefined;
    await this.#segments.syncReceipts();
    const fact = sealedFact(this.#open, by);
    this.#open = batchBehind(this.#open, false);
    return fact;
  }

  /** Leaves a segment whose file failed, so that the next messages go into a new one; gives its number. */
  async leaveSegment(): Promise<number> {
    const { seq, segment } = this.#open;
    await this.#segments.leave();
    this.#open = emptyBatch({ seq, segment: segment + 1, offset: 0, receipt: 0 });
    return segment;
  }

  /** Moves a segment that ended to where whole segments lie. */
  finish(segment: number): Promise<void> {
    return finishSegment(this.#fs, this.#layout, segment);
  }

  close(): Promise<void> {
    return this.#segments.close();
  }
}
