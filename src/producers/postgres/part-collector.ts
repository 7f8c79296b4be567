import type { Batch } from '../../stages/stage.js';
import { DISCARDED, type RowVerdict } from '../../utils/rows/visit-batch.js';
import type { DeadLetter, EncodedPart } from './batch-encoder.js';

/** Counts what of a batch is for one target, and keeps its dead letters. */
export class PartCollector {
  readonly #target: string;
  #from = 0;
  #loaded = 0;
  #discarded = 0;
  #deadLetters: DeadLetter[] = [];

  constructor(target: string) {
    this.#target = target;
  }

  count(verdict: RowVerdict): void {
    if (verdict === undefined) this.#loaded++;
    if (verdict === DISCARDED) this.#discarded++;
  }

  /** Counts rows that were taken. */
  countLoaded(rows: number): void {
    this.#loaded += rows;
  }

  setAside(letter: DeadLetter): void {
    this.#deadLetters.push(letter);
  }

  /**
   * Ends the batch, whose rows were encoded up to byte `to` of the target's buffer.
   *
   * @returns undefined when there was nothing, and no part `isNeeded`
   */
  end(batch: Batch, to: number, isNeeded: boolean): EncodedPart | undefined {
    const isEmpty = this.#loaded + this.#discarded + this.#deadLetters.length === 0;
    const part = {
      batch,
      target: this.#target,
      from: this.#from,
      to,
      loadedRows: this.#loaded,
      discardedRows: this.#discarded,
      deadLetters: this.#deadLetters,
    };
    this.begin(to);
    return isEmpty && !isNeeded ? undefined : part;
  }

  /** Begins a batch whose rows are encoded from byte `from` on. */
  begin(from: number): void {
    this.#from = from;
    this.#loaded = 0;
    this.#discarded = 0;
    this.#deadLetters = [];
  }
}
