import { crc32 } from 'node:zlib';
import type { Batch, BatchContent, Gap, ReadMemory } from '../stage.js';
import type { StageFs } from '../stage-fs.js';
import type { SealedFact } from './fact.js';
import type { StageIdentity } from './identity.js';
import type { StageLayout } from './layout.js';
import { RangeReader } from './range-reader.js';
import { decodeReceipts, RECEIPT_BYTES, type ReceiptRecord, toReceipts } from './receipt-record.js';
import { cutChunks, salvage } from './salvage.js';

/** What a batch is made from, beside its fact. */
export interface BatchSource {
  readonly fs: StageFs;
  readonly layout: StageLayout;
  readonly identity: StageIdentity;
  /** Reads for several batches at once; each batch reads for itself without one. */
  readonly ranges?: RangeReader;
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
  #receivedFromUs: number | undefined;

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

  get received() {
    if (this.#receivedFromUs === undefined) return undefined;
    return { fromUs: this.#receivedFromUs, toUs: Math.max(this.#receivedFromUs, this.#fact.received_us) };
  }

  get fact(): SealedFact {
    return this.#fact;
  }

  async read(memory?: ReadMemory): Promise<BatchContent> {
    // An empty set; its segment may have no file.
    if (this.byteLength === 0) return { bytes: Buffer.alloc(0), receipts: [] };
    const { segment, from, receipts } = this.#fact;
    const { fs, layout, ranges = new RangeReader(fs, layout, [this.#fact]) } = this.#source;
    const [first, end] = receipts;
    const indexed = { from: first * RECEIPT_BYTES, length: (end - first) * RECEIPT_BYTES, memory };
    const index = await ranges.read('receipts', segment, indexed);
    const records = decodeReceipts(index ?? Buffer.alloc(0));
    this.#receivedFromUs = records[0]?.receivedAtUs ?? this.#fact.received_us;
    const bytes = await ranges.read('segment', segment, { from, length: this.byteLength, memory });
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

  #report(what: string): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#source.onDamage(`batch ${this.seq} of ${this.consumer}: ${what}`);
  }
}
