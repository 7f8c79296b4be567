import { crc32 } from 'node:zlib';
import { SocketElError } from '../../utils/errors.js';
import type { Batch, BatchContent } from '../stage.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import type { SealedFact } from './fact.js';
import type { StageIdentity } from './identity.js';
import type { StageLayout } from './layout.js';
import { decodeReceipts, RECEIPT_BYTES, toReceipts } from './receipt-record.js';

/** A batch as a byte range of a segment file. */
export class SealedBatch implements Batch {
  readonly stageId: string;
  readonly consumer: string;
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #fact: SealedFact;

  constructor(fs: StageFs, layout: StageLayout, identity: StageIdentity, fact: SealedFact) {
    this.stageId = identity.id;
    this.consumer = identity.consumer;
    this.#fs = fs;
    this.#layout = layout;
    this.#fact = fact;
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

  async read(): Promise<BatchContent> {
    const { segment, from, receipts } = this.#fact;
    const bytes = await this.#readRange(
      (where) => this.#layout.segment(where, segment),
      from,
      this.byteLength,
    );
    // Invariant 3: these are the bytes that were sealed, or none.
    if (crc32(bytes) !== this.crc) throw this.#damaged('other bytes than were sealed');
    const [first, end] = receipts;
    const index = await this.#readRange(
      (where) => this.#layout.receipts(where, segment),
      first * RECEIPT_BYTES,
      (end - first) * RECEIPT_BYTES,
    );
    return { bytes, receipts: toReceipts(decodeReceipts(index), from) };
  }

  async #readRange(
    pathIn: (where: 'open' | 'data') => string,
    from: number,
    length: number,
  ): Promise<Buffer> {
    const file = await this.#open(pathIn);
    try {
      const bytes = Buffer.allocUnsafeSlow(length);
      if ((await file.read(bytes, from)) < length) throw this.#damaged('fewer');
      return bytes;
    } finally {
      await file.close();
    }
  }

  /** The writer may move the file between two looks, so the third finds what the first two could not. */
  async #open(pathIn: (where: 'open' | 'data') => string): Promise<StageFile> {
    for (const where of ['data', 'open', 'data'] as const) {
      const file = await this.#fs.open(pathIn(where), 'read').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return undefined;
      });
      if (file !== undefined) return file;
    }
    throw this.#damaged('no file');
  }

  #damaged(got: string): SocketElError {
    const place = `${this.#layout.segment('data', this.#fact.segment)}, bytes ${this.#fact.from} to ${this.#fact.to}`;
    return new SocketElError({
      code: 'stage.damaged',
      path: place,
      message: `batch ${this.seq} of ${this.consumer}: expected ${this.byteLength} bytes as sealed, got ${got}`,
      hint: 'restore the file from a copy; the batches before and behind it are not touched',
    });
  }
}
