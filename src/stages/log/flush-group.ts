import type { MessageChunk } from '../stage.js';
import type { Fact } from './fact.js';
import type { Entry, SealMark } from './lay-out.js';

/** What a chunk takes beside its messages, about; of tiny ones it is the most. */
const CHUNK_BYTES = 256;

/** What was accepted since the last flush began, in the order in which the next one makes it durable. */
export class FlushGroup {
  /** Facts that must be durable before the entries are. */
  readonly early: Fact[] = [];
  /** Chunks and seals; the flush takes away what is durable. */
  readonly entries: Entry[] = [];
  /** Facts that must not be seen before the entries are durable. */
  readonly late: Fact[] = [];
  readonly onDurable: (() => void)[] = [];
  /** Bytes of memory. */
  bytes = 0;
  isUrgent = false;

  get isEmpty(): boolean {
    return this.early.length + this.entries.length + this.late.length + this.onDurable.length === 0;
  }

  /** @returns bytes of memory that the chunk takes */
  add(chunk: MessageChunk): number {
    this.entries.push(chunk);
    const bytes = chunk.bytes.length + CHUNK_BYTES;
    this.bytes += bytes;
    return bytes;
  }

  seal(mark: SealMark): void {
    this.entries.push(mark);
  }
}
