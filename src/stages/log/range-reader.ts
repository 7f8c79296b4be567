import type { ReadMemory } from '../stage.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import type { SealedFact } from './fact.js';
import type { StageLayout } from './layout.js';
import { type Window, Windows } from './read-memory.js';
import { openIfThere } from './read-whole.js';
import { RECEIPT_BYTES } from './receipt-record.js';

/** What a disk cannot read is a sector or a few. */
const BLOCK_BYTES = 4096;
/** So much is read at once of ranges that are much smaller. */
const WINDOW_BYTES = 1024 * 1024;

type FileKind = 'segment' | 'receipts';

/** Bytes of a file, and what they may be read into. */
export interface Range {
  readonly from: number;
  readonly length: number;
  readonly memory?: ReadMemory | undefined;
}

/** Reads ranges of segments and their indexes; small ones that follow each other, many at once. */
export class RangeReader {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  /** By file, up to where its bytes are sealed, so that they never change. */
  readonly #ends = new Map<string, number>();
  /** Of reads without a memory of their own: what they gave stays. */
  readonly #lasting = new Windows();

  /** @param sealed the batches that will be asked for */
  constructor(fs: StageFs, layout: StageLayout, sealed: readonly SealedFact[]) {
    this.#fs = fs;
    this.#layout = layout;
    for (const { segment, to, receipts } of sealed) {
      this.#ends.set(nameOf('segment', segment), to);
      this.#ends.set(nameOf('receipts', segment), receipts[1] * RECEIPT_BYTES);
    }
  }

  /** Undefined when there is no file; fewer bytes when it ends before. What the disk cannot read are zeros. */
  async read(kind: FileKind, segment: number, range: Range): Promise<Buffer | undefined> {
    const file = nameOf(kind, segment);
    const windows = range.memory === undefined ? this.#lasting : Windows.of(range.memory);
    const known = this.#inWindow(windows.get(kind), file, range);
    if (known !== undefined) return known;
    const opened = await this.#open(kind, segment);
    if (opened === undefined) return undefined;
    try {
      const { from } = range;
      const length = this.#lengthOf(file, range);
      const room = windows.room(kind, length);
      const into = room.subarray(0, length);
      const bytes = await readAtOnce(opened, from, into);
      // What the disk could not read is not kept: the next time it may.
      if (bytes === undefined) return await readAround(opened, range, into);
      windows.set(kind, { owner: this, file, from, bytes, room });
      return bytes.subarray(0, range.length);
    } finally {
      await opened.close();
    }
  }

  /** How much to read, so that the next ranges are there too. */
  #lengthOf(file: string, { from, length }: Range): number {
    if (length >= WINDOW_BYTES / 2) return length;
    const left = (this.#ends.get(file) ?? 0) - from;
    return Math.max(length, Math.min(WINDOW_BYTES, left));
  }

  #inWindow(window: Window | undefined, file: string, { from, length }: Range): Buffer | undefined {
    if (window?.owner !== this || window.file !== file || from < window.from) return undefined;
    const start = from - window.from;
    return start + length <= window.bytes.length ? window.bytes.subarray(start, start + length) : undefined;
  }

  /** The writer may move the file between two looks, so the third finds what the first two could not. */
  async #open(kind: FileKind, segment: number): Promise<StageFile | undefined> {
    for (const where of ['data', 'open', 'data'] as const) {
      const file = await openIfThere(this.#fs, this.#pathOf(kind, where, segment));
      if (file !== undefined) return file;
    }
    return undefined;
  }

  #pathOf(kind: FileKind, where: 'open' | 'data', segment: number): string {
    return kind === 'segment' ? this.#layout.segment(where, segment) : this.#layout.receipts(where, segment);
  }
}

function nameOf(kind: FileKind, segment: number): string {
  return `${kind} ${segment}`;
}

/** Undefined when the disk cannot read some of it. */
async function readAtOnce(file: StageFile, from: number, into: Buffer): Promise<Buffer | undefined> {
  try {
    return into.subarray(0, await file.read(into, from));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
    return undefined;
  }
}

/** Reads past what the disk cannot give; those bytes are zeros. */
async function readAround(file: StageFile, { from, length }: Range, into: Buffer): Promise<Buffer> {
  const wanted = into.subarray(0, length).fill(0);
  for (let at = 0; at < length; at += BLOCK_BYTES) {
    const block = wanted.subarray(at, at + BLOCK_BYTES);
    await file.read(block, from + at).catch(() => block.fill(0));
  }
  return wanted;
}
