/**
 * What is counted per runner, in the order in which it lies in shared memory. `received_ms`: when its last message came, or
 * was loaded, milliseconds since 1970; `state`: which of RUNNER_STATES; `progress`: how much of `progress_total` of a finite source
 * was read.
 */
const COUNTER_NAMES = [
  'messages',
  'bytes',
  'batches',
  'gaps',
  'rows',
  'rows_fast',
  'loaded',
  'dead',
  'discarded',
  'merged',
  'duplicates_skipped',
  'messages_skipped',
  'messages_decoded',
  'messages_ignored',
  'messages_dead',
  'messages_sealed',
  'bytes_sealed',
  'received_ms',
  'state',
  'progress',
  'progress_total',
] as const;

export type CounterName = (typeof COUNTER_NAMES)[number];

const INDEX = new Map<CounterName, number>(COUNTER_NAMES.map((name, index) => [name, index]));

/**
 * A runner's counters in memory that its thread and the main thread share, so that they can be read while the thread
 * is busy and outlive its restart. Only the runner's own thread adds.
 */
export class Counters {
  readonly shared: SharedArrayBuffer;
  readonly #values: Float64Array;

  constructor(shared?: SharedArrayBuffer) {
    this.shared = shared ?? new SharedArrayBuffer(COUNTER_NAMES.length * Float64Array.BYTES_PER_ELEMENT);
    this.#values = new Float64Array(this.shared);
  }

  /** Adds to a counter. */
  add(name: CounterName, amount: number): void {
    const index = INDEX.get(name) as number;
    this.#values[index] = (this.#values[index] ?? 0) + amount;
  }

  /** Sets a counter that is no sum. */
  set(name: CounterName, value: number): void {
    this.#values[INDEX.get(name) as number] = value;
  }

  /** Sets a consumer's counts back to what is sealed. */
  forgetUnsealed(): void {
    this.add('messages', this.get('messages_sealed') - this.get('messages'));
    this.add('bytes', this.get('bytes_sealed') - this.get('bytes'));
  }

  /** A counter's present value. */
  get(name: CounterName): number {
    return this.#values[INDEX.get(name) as number] ?? 0;
  }
}
