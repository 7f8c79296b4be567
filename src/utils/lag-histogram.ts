/** Four to an octave, from a millisecond to about half a year. */
const BUCKETS = 136;
const PER_OCTAVE = 4;
/** Into so many parts the messages of a batch are taken apart, which came one after the other. */
const PARTS = 8;

/**
 * How long messages took from their reception until they were committed, in memory that threads share. Buckets grow by a
 * factor of 2^(1/4), so a quantile is at most 19 % off.
 */
export class LagHistogram {
  static readonly byteLength = BUCKETS * Float64Array.BYTES_PER_ELEMENT;
  readonly #counts: Float64Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(LagHistogram.byteLength)) {
    this.#counts = new Float64Array(shared);
  }

  get shared(): SharedArrayBuffer {
    return this.#counts.buffer as SharedArrayBuffer;
  }

  /** Adds messages that came evenly from `fromUs` until `toUs` and were committed at `atUs`, microseconds since 1970. */
  add(
    messages: number,
    { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number },
    atUs: number,
  ): void {
    for (let part = 0; part < PARTS; part++) {
      const receivedUs = fromUs + ((toUs - fromUs) * (part + 0.5)) / PARTS;
      const bucket = bucketOf((atUs - receivedUs) / 1000);
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + messages / PARTS;
    }
  }

  /** The counts of its buckets as they are now. */
  snapshot(): Float64Array {
    return this.#counts.slice();
  }

  /** The lag that a share of the messages between two snapshots did not exceed, in milliseconds; undefined without any. */
  static quantile(share: number, now: Float64Array, before?: Float64Array): number | undefined {
    const counts = now.map((count, i) => count - (before?.[i] ?? 0));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total < 0.5) return undefined;
    let sum = 0;
    const bucket = counts.findIndex((count) => {
      sum += count;
      return sum >= total * share;
    });
    return 2 ** ((bucket < 0 ? BUCKETS - 1 : bucket) / PER_OCTAVE);
  }
}

/** The bucket whose upper bound is the first not below `ms`. */
function bucketOf(ms: number): number {
  const bucket = Math.ceil(Math.log2(Math.max(1, ms)) * PER_OCTAVE);
  return Math.min(BUCKETS - 1, bucket);
}
