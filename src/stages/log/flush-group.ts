import type { MessageChunk } from '../stage.js';
import type { Fact, SealedFact } from './fact.js';
import type { ReceiptRecord } from './receipt-record.js';

interface GroupPart {
  readonly segment: number;
  readonly chunks: Uint8Array[];
  readonly receipts: ReceiptRecord[];
  hasSeal: boolean;
  isLast: boolean;
}

/** What was accepted since the last flush began, in the order in which the next one makes it durable. */
export class FlushGroup {
  /** Facts that must be durable before the chunks are. */
  readonly early: Fact[] = [];
  readonly parts: GroupPart[] = [];
  /** Facts that must not be seen before the chunks are durable. */
  readonly facts: Fact[] = [];
  readonly onDurable: (() => void)[] = [];
  bytes = 0;
  isUrgent = false;

  get isEmpty(): boolean {
    return this.early.length + this.parts.length + this.facts.length + this.onDurable.length === 0;
  }

  add(chunk: MessageChunk, segment: number, receipt: ReceiptRecord): void {
    const part = this.#partOf(segment);
    part.chunks.push(chunk.bytes);
    part.receipts.push(receipt);
    this.bytes += chunk.bytes.length;
    if (chunk.onDurable !== undefined) this.onDurable.push(chunk.onDurable);
  }

  /** @param isLast whether the segment is finished with this batch */
  seal(fact: SealedFact, isLast: boolean): void {
    const part = this.#partOf(fact.segment);
    part.hasSeal = true;
    part.isLast = isLast;
    this.facts.push(fact);
  }

  #partOf(segment: number): GroupPart {
    const last = this.parts.at(-1);
    if (last?.segment === segment) return last;
    const part = { segment, chunks: [], receipts: [], hasSeal: false, isLast: false };
    this.parts.push(part);
    return part;
  }
}
