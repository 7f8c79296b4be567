import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { asChunk } from '../../stages/as-chunk.js';
import { type Batch, type MessageChunk, type Row, Stage } from '../../stages/stage.js';

/** A stage that keeps nothing: it hands on what is put, and touches no disk and no lock. */
export class MemoryStage extends Stage {
  readonly #take: (chunk: MessageChunk) => void;

  constructor(take: (chunk: MessageChunk) => void = () => {}) {
    super();
    this.#take = take;
  }

  async put(data: MessageChunk | Row | readonly Row[]): Promise<void> {
    this.#take(asChunk(data));
  }

  async open(): Promise<void> {}
  async seal(): Promise<void> {}
  async roll(): Promise<void> {}
  async end(): Promise<void> {}
  async close(): Promise<void> {}
  async commit(): Promise<void> {}
  gap(): void {}
  receivedUntil(): void {}
  notice(): void {}

  position(): undefined {
    return undefined;
  }

  lastReceivedUs(): undefined {
    return undefined;
  }

  async get(): Promise<undefined> {
    return undefined;
  }

  async *batches(): AsyncGenerator<readonly Batch[]> {}
}

/** Messages that were never staged, as the first batch of a stage of their own. */
export function memoryBatch(consumer: string, chunks: readonly MessageChunk[]): Batch {
  const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes));
  let offset = 0;
  const receipts = chunks.map(({ bytes: { length }, receivedAtUs, connection }) => {
    offset += length;
    return { offset: offset - length, receivedAtUs, connection };
  });
  return {
    stageId: randomUUID(),
    consumer,
    seq: 1,
    messages: chunks.reduce((sum, { messages }) => sum + messages, 0),
    byteLength: bytes.length,
    crc: crc32(bytes),
    previous: 0,
    gaps: [],
    bytesThrough: bytes.length,
    read: async () => ({ bytes, receipts }),
  };
}
