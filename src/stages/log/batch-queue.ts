import { parseRfc3339 } from '../../utils/rfc3339.js';
import type { Gap } from '../stage.js';
import type { StageFs } from '../stage-fs.js';
import type { Fact, SealedFact } from './fact.js';
import type { StageLayout } from './layout.js';
import { findBatches } from './mend.js';

/** A batch with all that its reader has to know. */
export interface QueuedBatch {
  readonly fact: SealedFact;
  /** The batch that the reader passed before this one; 0 when there is none. */
  readonly previous: number;
  /** Bytes of all batches up to and with this one. */
  readonly bytesThrough: number;
  /** The gaps since the batch before. */
  readonly gaps: readonly Gap[];
}

/** Turns facts into batches behind a reader's place, in order and without a hole. */
export class BatchQueue {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #alarm: (message: string) => void;
  #waiting: QueuedBatch[] = [];
  #gaps: Gap[] = [];
  #last: number;
  #previous: number;
  #bytes: number;

  /** @param place the last batch before the first one wanted, bytes of all until it, and the last that the reader passed */
  constructor(
    fs: StageFs,
    layout: StageLayout,
    place: { readonly last: number; readonly bytes: number; readonly previous: number },
    alarm: (message: string) => void,
  ) {
    this.#fs = fs;
    this.#layout = layout;
    this.#last = place.last;
    this.#bytes = place.bytes;
    this.#previous = place.previous;
    this.#alarm = alarm;
  }

  get waiting(): readonly QueuedBatch[] {
    return this.#waiting;
  }

  /** Takes the first `count` away. */
  shift(count: number): readonly QueuedBatch[] {
    return this.#waiting.splice(0, count);
  }

  async take(fact: Fact): Promise<void> {
    if (fact.fact === 'manifest') {
      // The last lines of the file before may be damaged.
      if (fact.next_seq > this.#last + 1) await this.#mend(fact.next_seq - 1);
    }
    if (fact.fact === 'gap') this.#gaps.push(toGap(fact));
    if (fact.fact === 'void') this.#last = Math.max(this.#last, fact.to);
    if (fact.fact !== 'sealed') return;
    if (fact.seq > this.#last + 1) await this.#mend(fact.seq - 1);
    this.#push(fact);
  }

  /** The lines of some batches were damaged; their segments still name them. */
  async #mend(last: number): Promise<void> {
    const first = this.#last + 1;
    const found = await findBatches(this.#fs, this.#layout, { first, last });
    for (const fact of found) this.#push(fact);
    const lost = last - first + 1 - found.length;
    const message =
      lost === 0
        ? `the manifest's lines of batches ${first} to ${last} are damaged; the batches are whole`
        : `${lost} of the batches ${first} to ${last} are lost: neither the manifest nor a segment knows them`;
    this.#alarm(message);
  }

  #push(fact: SealedFact): void {
    const gaps = this.#gaps;
    this.#gaps = [];
    if (fact.seq <= this.#last) return;
    this.#bytes += fact.to - fact.from;
    this.#waiting.push({ fact, previous: this.#previous, bytesThrough: this.#bytes, gaps });
    this.#last = fact.seq;
    this.#previous = fact.seq;
  }
}

function toGap({ from, to_us, reason }: Extract<Fact, { readonly fact: 'gap' }>): Gap {
  return { fromUs: Number(parseRfc3339(from) ?? 0n), toUs: to_us, reason };
}
