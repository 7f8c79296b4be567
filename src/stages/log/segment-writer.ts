import { SocketElError } from '../../utils/errors.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import type { StageLayout } from './layout.js';
import { encodeReceipt, type ReceiptRecord } from './receipt-record.js';
import { finishSegment } from './recovery.js';

/** What one flush appends to one segment. */
export interface SegmentPart {
  readonly segment: number;
  readonly chunks: readonly Uint8Array[];
  readonly receipts: readonly ReceiptRecord[];
  /** Whether a batch ends in it, so that its receipts have to be durable too. */
  readonly hasSeal: boolean;
}

/** Appends to the newest segment and its receipts. */
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

  /** Appends a part and makes it durable. A part of a new segment begins its file. */
  async append(part: SegmentPart): Promise<void> {
    if (part.segment !== this.#segment) await this.#begin(part.segment);
    const file = this.#file as StageFile;
    const receiptFile = this.#receiptFile as StageFile;
    const receipts = part.receipts.map(encodeReceipt);
    await Promise.all([
      file.write(part.chunks, this.#length),
      receiptFile.write(receipts, this.#receiptsLength),
    ]);
    this.#length += byteLength(part.chunks);
    this.#receiptsLength += byteLength(receipts);
    await Promise.all([file.sync(), part.hasSeal ? receiptFile.sync() : undefined]);
    if (part.hasSeal && !(await file.isNamed())) throw this.#removedError();
  }

  /** Moves a segment that was closed to where whole segments lie. */
  finish(segment: number): Promise<void> {
    return finishSegment(this.#fs, this.#layout, segment);
  }

  async close(): Promise<void> {
    this.#segment = 0;
    await Promise.all([this.#file?.close(), this.#receiptFile?.close()]);
    this.#file = undefined;
    this.#receiptFile = undefined;
  }

  #removedError(): SocketElError {
    const path = this.#layout.folder;
    const message = `${path}: expected the stage's files to stay, they were removed while it was written`;
    return new SocketElError({
      code: 'stage.removed',
      path,
      message,
      hint: 'what had not been loaded from there is gone; start again',
    });
  }

  /** The folder is synced before anything in the new file counts. */
  async #begin(segment: number): Promise<void> {
    this.#file = await this.#fs.open(this.#layout.segment('open', segment), 'create');
    this.#receiptFile = await this.#fs.open(this.#layout.receipts('open', segment), 'append');
    await this.#receiptFile.truncate(0);
    await this.#fs.syncFolder(this.#layout.openFolder);
    this.#segment = segment;
    this.#length = 0;
    this.#receiptsLength = 0;
  }
}

function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
