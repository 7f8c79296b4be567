import type { StageFile, StageFs } from '../stage-fs.js';
import type { SealedFact } from './fact.js';
import type { StageLayout } from './layout.js';
import { openIfThere } from './read-whole.js';
import { RECEIPT_BYTES } from './receipt-record.js';

/** What a disk cannot read is a sector or a few. */
const BLOCK_BYTES = 4096;
/** So much is read at once of ranges that are much smaller. */
const WINDOW_BYTES = 1024 * 1024;

/** How much more than is needed is allocated. */
const ROOM = 1.125;

type FileKind = 'segment' | 'receipts';

/** Bytes of a file; `spare` is memory that may be used for them, if it is large enough. */
export interface Range {
  readonly from: number;
  readonly length: number;
  readonly spare?: Buffer | undefined;
}

interface Window {
  readonly file: string;
  readonly from: number;
  readonly bytes: Buffer;
}

/** Reads ranges of segments and their indexes; small ones that follow each other, many at once. */
export class RangeReader {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  /** By file, up to where its bytes are sealed, so that they never change. */
  readonly #ends = new Map<string, number>();
  readonly #windows = new Map<FileKind, Window>();

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
    const known = this.#inWindow(kind, file, range);
    if (known !== undefined) return known;
    const opened = await this.#open(kind, segment);
    if (opened === undefined) return undefined;
    try {
      const left = (this.#ends.get(file) ?? 0) - range.from;
      const isSmall = range.length < WINDOW_BYTES / 2 && left > range.length;
      if (isSmall) await this.#moveWindow(kind, file, { opened, from: range.from, left });
      return this.#inWindow(kind, file, range) ?? (await readAround(opened, range));
    } finally {
      await opened.close();
    }
  }

  /** Whether the memory of what `read` gave just now may be asked for once more. */
  isShared(bytes: Buffer): boolean {
    return [...this.#windows.values()].some((window) => window.bytes.buffer === bytes.buffer);
  }

  #inWindow(kind: FileKind, file: string, { from, length }: Range): Buffer | undefined {
    const window = this.#windows.get(kind);
    if (window === undefined || window.file !== file || from < window.from) return undefined;
    const start = from - window.from;
    return start + length <= window.bytes.length ? window.bytes.subarray(start, start + length) : undefined;
  }

  async #moveWindow(
    kind: FileKind,
    file: string,
    { opened, from, left }: { readonly opened: StageFile; readonly from: number; readonly left: number },
  ): Promise<void> {
    const bytes = Buffer.allocUnsafeSlow(Math.min(WINDOW_BYTES, left));
    // What cannot be read at once is read piece by piece.
    const length = await opened.read(bytes, from).catch(() => 0);
    this.#windows.set(kind, { file, from, bytes: bytes.subarray(0, length) });
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

/** Reads past what the disk cannot give; those bytes are zeros. */
async function readAround(file: StageFile, { from, length, spare }: Range): Promise<Buffer> {
  const into = roomFor(length, spare);
  try {
    return into.subarray(0, await file.read(into, from));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
  }
  into.fill(0);
  for (let at = 0; at < into.length; at += BLOCK_BYTES) {
    const block = into.subarray(at, at + BLOCK_BYTES);
    await file.read(block, from + at).catch(() => block.fill(0));
  }
  return into;
}

/** Batches of one stage are about as large as each other; a little more room makes memory fit the next one too. */
function roomFor(length: number, spare: Buffer | undefined): Buffer {
  if (spare !== undefined && spare.buffer.byteLength >= length) return Buffer.from(spare.buffer, 0, length);
  const capacity = length < WINDOW_BYTES ? length : Math.ceil(length * ROOM);
  return Buffer.allocUnsafeSlow(capacity).subarray(0, length);
}
