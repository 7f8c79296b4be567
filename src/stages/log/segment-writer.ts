import type { StageFile, StageFs } from '../stage-fs.js';
import type { LaidPart } from './lay-out.js';
import type { StageLayout } from './layout.js';
import { encodeReceipt } from './receipt-record.js';
import { removedError } from './writer-error.js';

/** Appends to the newest segment and its index. A part that failed may be appended again, at the same place. */
export class SegmentWriter {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  #segment = 0;
  #file: StageFile | undefined;
  #receiptFile: StageFile | undefined;
  #length = 0;
  #receiptsLength = 0;

  constructor(fs: StageFs, layout: StageLayout) {
    this.#fs = fs;
    this.#layout = layout;
  }

  /** Appends a part and makes it durable. A part of a new segment begins its file, the last one closes it. */
  async append(part: LaidPart): Promise<void> {
    if (part.segment !== this.#segment) await this.#begin(part.segment);
    const file = this.#file as StageFile;
    const receiptFile = this.#receiptFile as StageFile;
    const receipts = part.receipts.map(encodeReceipt);
    await bothDone([
      file.write(part.chunks, this.#length),
      receiptFile.write(receipts, this.#receiptsLength),
    ]);
    // The index of what is in no batch yet can be made again from the segment.
    const hasSeal = part.sealed.length > 0;
    await bothDone([file.sync(), hasSeal ? receiptFile.sync() : Promise.resolve()]);
    this.#length += byteLength(part.chunks);
    this.#receiptsLength += byteLength(receipts);
    if (hasSeal && !(await file.isNamed())) throw removedError(this.#layout.folder);
    if (part.isLast) await this.close();
  }

  /** Cuts what a failed append may have left behind what is durable, as far as the disk lets us, and closes the files. */
  async leave(): Promise<void> {
    const cuts = [this.#file?.truncate(this.#length), this.#receiptFile?.truncate(this.#receiptsLength)];
    await Promise.allSettled(cuts);
    await Promise.allSettled([this.#file?.sync(), this.#receiptFile?.sync()]);
    await this.close();
  }

  async close(): Promise<void> {
    const files = [this.#file, this.#receiptFile];
    this.#segment = 0;
    this.#length = 0;
    this.#receiptsLength = 0;
    this.#file = undefined;
    this.#receiptFile = undefined;
    await bothDone(files.map((file) => file?.close()));
  }

  /** The folder is synced before anything in the new file counts. A start that failed may have left the files. */
  async #begin(segment: number): Promise<void> {
    await this.close();
    this.#file = await this.#fs.open(this.#layout.segment('open', segment), 'append');
    this.#receiptFile = await this.#fs.open(this.#layout.receipts('open', segment), 'append');
    await bothDone([this.#file.truncate(0), this.#receiptFile.truncate(0)]);
    await this.#fs.syncFolder(this.#layout.openFolder);
    this.#segment = segment;
  }
}

/** Waits for all, because what is under way must not go on behind the error of another. */
async function bothDone(work: readonly (Promise<void> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
