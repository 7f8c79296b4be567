import type { ColumnTypes } from '../../utils/columns/column-table.js';
import type { Position } from '../../utils/position.js';
import type { Fact, ManifestFact, SealedFact } from './fact.js';

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
  /** When the last writer began, if the manifest's newest file says. */
  openedUs: number | undefined;
  /** Messages and bytes of all batches until now. */
  messages = 0;
  bytes = 0;
  /** The batches that are no longer kept: up to this one, and their bytes. */
  pruned: { readonly through: number; readonly bytes: number } = { through: 0, bytes: 0 };
  /** The batches that stand in Parquet files too: up to this one, and the types that their columns had. */
  converted: { readonly through: number; readonly types: ColumnTypes } = { through: 0, types: [] };
  /** Whether the source has ended for good. */
  hasEnded = false;
  /** The sealed end of every segment that is not finished, by its number. */
  readonly sealedEnds = new Map<number, SealedEnd>();

  /** Takes a fact in, in the manifest's order. */
  apply(fact: Fact): void {
    switch (fact.fact) {
      case 'manifest':
        this.#applyHeader(fact);
        break;
      case 'sealed':
        this.#applySealed(fact);
        break;
      case 'void':
        this.nextSeq = Math.max(this.nextSeq, fact.to + 1);
        break;
      case 'converted':
        this.converted = { through: fact.to, types: fact.types };
        break;
      case 'pruned':
        this.pruned = { through: fact.through, bytes: fact.bytes };
        break;
      default:
        this.#applySource(fact);
    }
  }

  /** A segment lies where whole ones do and gets no more messages. */
  finish(segment: number): void {
    this.sealedEnds.delete(segment);
  }

  /** All segments lie where whole ones do. */
  finishAll(): void {
    this.sealedEnds.clear();
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
      ended: this.hasEnded,
      position: this.position ?? null,
      last_received_us: this.lastReceivedUs ?? null,
      open: [...this.sealedEnds.values()],
      messages: this.messages,
      bytes: this.bytes,
      pruned: this.pruned,
      converted: this.converted,
    };
  }

  #applyHeader(fact: ManifestFact): void {
    this.nextSeq = fact.next_seq;
    this.nextSegment = fact.next_segment;
    this.epoch = fact.epoch;
    this.hasEnded = fact.ended;
    this.position = fact.position ?? undefined;
    this.lastReceivedUs = fact.last_received_us ?? undefined;
    this.messages = fact.messages;
    this.bytes = fact.bytes;
    this.pruned = fact.pruned;
    this.converted = fact.converted;
    this.sealedEnds.clear();
    for (const end of fact.open) this.sealedEnds.set(end.segment, end);
  }

  /** What tells of the source and its writers. */
  #applySource(fact: Fact): void {
    if (fact.fact === 'gap') this.#heard(fact.to_us);
    if (fact.fact === 'received') this.#heard(fact.until_us);
    if (fact.fact === 'ended') this.hasEnded = true;
    if (fact.fact !== 'opened') return;
    this.epoch = fact.epoch;
    this.openedUs = Date.parse(fact.at) * 1000;
    this.hasEnded = false;
  }

  #applySealed(fact: SealedFact): void {
    this.nextSeq = fact.seq + 1;
    this.nextSegment = Math.max(this.nextSegment, fact.segment + 1);
    this.position = fact.position ?? this.position;
    this.#heard(fact.received_us);
    this.messages += fact.messages;
    this.bytes += fact.to - fact.from;
    this.sealedEnds.set(fact.segment, { segment: fact.segment, to: fact.to, receipts: fact.receipts[1] });
  }

  /** Facts may come in another order than the moments that they tell of. */
  #heard(us: number): void {
    this.lastReceivedUs = Math.max(this.lastReceivedUs ?? 0, us);
  }
}
