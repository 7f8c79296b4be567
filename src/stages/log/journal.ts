import type { StageFs } from '../stage-fs.js';
import type { SealedFact, SealReason } from './fact.js';
import { finishSegment } from './finish-segment.js';
import { readIndex, replaceRecords } from './index-file.js';
import { type Entry, type LaidPart, layOut } from './lay-out.js';
import type { StageLayout } from './layout.js';
import { emptyBatch, type OpenBatch, sealedFact } from './open-batch.js';
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

  /**
   * Leaves the segment, so that the next messages go into a new one. What of its open batch is durable becomes a batch;
   * its index is written anew, because a sync of it may have failed before.
   */
  async leaveSegment(
    by: SealReason,
  ): Promise<{ readonly segment: number; readonly sealed: readonly SealedFact[] }> {
    const open = this.#open;
    const { seq, segment, messages } = open;
    await this.#segments.leave();
    if (messages > 0) {
      const index = await readIndex(this.#fs, this.#layout, segment);
      await replaceRecords(this.#fs, index, open.receipts[1], []);
    }
    const sealed = messages > 0 ? [sealedFact(open, by)] : [];
    this.#open = emptyBatch({ seq: seq + sealed.length, segment: segment + 1, offset: 0, receipt: 0 });
    return { segment, sealed };
  }

  /** Moves a segment that ended to where whole segments lie. */
  finish(segment: number): Promise<void> {
    return finishSegment(this.#fs, this.#layout, segment);
  }

  close(): Promise<void> {
    return this.#segments.close();
  }
}
