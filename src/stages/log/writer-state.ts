import type { Position } from '../../utils/position.js';
import type { Fact, ManifestFact } from './fact.js';

/** How far a segment is sealed: bytes, and records of its `.idx`. */
export interface SealedEnd {
  readonly segment: number;
  readonly to: number;
  readonly receipts: number;
}

/** What the facts of a manifest add up to; kept by the writer and rebuilt by recovery in the same way. */
export class WriterState {
  nextSeq = 1;
  nextSegment = 1;
  epoch = 0;
  position: Position | undefined;
  lastReceivedUs: number | undefined;
  messages = 0;
  /** The newest segment's sealed end. */
  sealedEnd: SealedEnd | undefined;

  /** Takes a fact in, in the manifest's order. */
  apply(fact: Fact): void {
    switch (fact.fact) {
      case 'manifest':
        this.#applyHeader(fact);
        break;
      case 'sealed':
        this.nextSeq = fact.seq + 1;
        this.nextSegment = Math.max(this.nextSegment, fact.segment + 1);
        this.position = fact.position ?? this.position;
        this.lastReceivedUs = fact.received_us;
        this.messages += fact.messages;
        this.sealedEnd = { segment: fact.segment, to: fact.to, receipts: fact.receipts[1] };
        break;
      case 'opened':
        this.epoch = fact.epoch;
        break;
      case 'gap':
        this.lastReceivedUs = Math.max(this.lastReceivedUs ?? 0, fact.to_us);
        break;
      case 'stopped':
        this.lastReceivedUs = fact.received_us ?? this.lastReceivedUs;
        break;
      case 'ended':
        break;
    }
  }

  /** The first line of the next manifest file. */
  header(stage: string): ManifestFact {
    return {
      fact: 'manifest',
      version: 1,
      stage,
      next_seq: this.nextSeq,
      next_segment: this.nextSegment,
      epoch: this.epoch,
      position: this.position ?? null,
      last_received_us: this.lastReceivedUs ?? null,
      open: this.sealedEnd ?? null,
      messages: this.messages,
    };
  }

  #applyHeader(fact: ManifestFact): void {
    this.nextSeq = fact.next_seq;
    this.nextSegment = fact.next_segment;
    this.epoch = fact.epoch;
    this.position = fact.position ?? undefined;
    this.lastReceivedUs = fact.last_received_us ?? undefined;
    this.messages = fact.messages;
    this.sealedEnd = fact.open ?? undefined;
  }
}
