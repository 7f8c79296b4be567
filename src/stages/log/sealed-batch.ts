import { crc32 } from 'node:zlib';
import type { Batch, BatchContent, Gap } from '../stage.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import type { SealedFact } from './fact.js';
import type { StageIdentity } from './identity.js';
import type { StageLayout } from './layout.js';
import { openIfThere } from './read-whole.js';
import { decodeReceipts, RECEIPT_BYTES, type ReceiptRecord, toReceipts } from './receipt-record.js';
import { cutChunks, salvage } from './salvage.js';

/** What a disk cannot read is a sector or a few. */
const BLOCK_BYTES = 4096;

/** What a batch is made from, beside its fact. */
export interface BatchSource {
  readonly fs: StageFs;
  readonly layout: StageLayout;
  readonly identity: StageIdentity;
  /** Told once of each damage that a read meets. */
  readonly onDamage: (message: string) => void;
}

/** How a reader came to a batch. */
export interface BatchPlace {
  readonly previous: number;
  readonly bytesThrough: number;
  readonly gaps: readonly Gap[];
  readonly isSuspect?: boolean;
}

/** A batch as a byte range of a segment file. */
export class SealedBatch implements Batch {
  readonly previous: number;
  readonly bytesThrough: number;
  readonly gaps: readonly Gap[];
  readonly isSuspect: boolean;
  readonly #source: BatchSource;
  readonly #fact: SealedFact;
  #isReported = false;

  constructor(source: BatchSource, fact: SealedFact, place: BatchPlace) {
    this.#source = source;
    this.#fact = fact;
    this.previous = place.previous;
    this.bytesThrough = place.bytesThrough;
    this.gaps = place.gaps;
    this.isSuspect = place.isSuspect === true;
  }

  get stageId(): string {
    return this.#source.identity.id;
  }

  get consumer(): string {
    return this.#source.identity.consumer;
  }

  get seq(): number {
    return this.#fact.seq;
  }

  get messages(): number {
    return this.#fact.messages;
  }

  get crc(): number {
    return this.#fact.crc;
  }

  get byteLength(): number {
    return this.#fact.to - this.#fact.from;
  }

  get position() {
    return this.#fact.position;
  }

  get fact(): SealedFact {
    return this.#fact;
  }

  async read(): Promise<BatchContent> {
    // An empty set; its segment may have no file.
    if (this.byteLength === 0) return { bytes: Buffer.alloc(0), receipts: [] };
    const { segment, from, receipts } = this.#fact;
    const { layout } = this.#source;
    const [first, end] = receipts;
    const index = await this.#readRange(
      (where) => layout.receipts(where, segment),
      first * RECEIPT_BYTES,
      (end - first) * RECEIPT_BYTES,
    );
    const records = decodeReceipts(index ?? Buffer.alloc(0));
    const bytes = await this.#readRange((where) => layout.segment(where, segment), from, this.byteLength);
    // Invariant 3: these are the bytes that were sealed, or it is said which are not.
    const isIntact = bytes !== undefined && bytes.length === this.byteLength && crc32(bytes) === this.crc;
    return isIntact ? this.#intact(bytes, records) : this.#salvaged(bytes, records);
  }

  #intact(bytes: Buffer, records: readonly (ReceiptRecord | undefined)[]): BatchContent {
    const known = records.filter((record) => record !== undefined);
    const [first, end] = this.#fact.receipts;
    if (known.length < end - first)
      this.#report('its index is damaged; times of reception are near, not exact');
    const start = { offset: 0, receivedAtUs: this.#fact.received_us, connection: 0 };
    const receipts = toReceipts(known, this.#fact.from);
    return { bytes, receipts: receipts[0]?.offset === 0 ? receipts : [start, ...receipts] };
  }

  #salvaged(bytes: Buffer | undefined, records: readonly (ReceiptRecord | undefined)[]): BatchContent {
    const { content, damagedMessages } = salvage(
      this.#fact,
      cutChunks(this.#fact, bytes ?? Buffer.alloc(0), records),
    );
    const what = bytes === undefined ? 'its segment is gone' : 'its bytes are not those that were sealed';
    this.#report(`${what}; ${damagedMessages} of ${this.messages} messages become dead letters`);
    return content;
  }

  /** Undefined when there is no file; fewer bytes when it ends before, or the disk cannot read them. */
  async #readRange(
    pathIn: (where: 'open' | 'data') => string,
    from: number,
    length: number,
  ): Promise<Buffer | undefined> {
    const file = await this.#open(pathIn);
    if (file === undefined) return undefined;
    try {
      const bytes = Buffer.allocUnsafeSlow(length);
      return bytes.subarray(0, await readAround(file, bytes, from));
    } finally {
      await file.close();
    }
  }

  /** The writer may move the file between two looks, so the third finds what the first two could not. */
  async #open(pathIn: (where: 'open' | 'data') => string): Promise<StageFile | undefined> {
    for (const where of ['data', 'open', 'data'] as const) {
      const file = await openIfThere(this.#source.fs, pathIn(where));
      if (file !== undefined) return file;
    }
    return undefined;
  }

  #report(what: string): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#source.onDamage(`batch ${this.seq} of ${this.consumer}: ${what}`);
  }
}

/** Reads past what the disk cannot give; those bytes are zeros. */
async function readAround(file: StageFile, into: Buffer, from: number): Promise<number> {
  try {
    return await file.read(into, from);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
  }
  into.fill(0);
  for (let at = 0; at < into.length; at += BLOCK_BYTES) {
    const block = into.subarray(at, at + BLOCK_BYTES);
    await file.read(block, from + at).catch(() => block.fill(0));
  }
  return into.length;
}
