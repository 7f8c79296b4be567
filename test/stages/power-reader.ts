import type { LocalStage } from '../../src/stages/local.js';
import type { Batch, StageMark } from '../../src/stages/stage.js';
import { createPowerStage, type PowerOptions } from './power-stage.js';
import type { SimulatedFs } from './simulated-fs.js';
import { Broken, type StageOracle } from './stage-oracle.js';
import { ONCE } from './staged.js';

const HALF = 0.5;

/** The one reader with a cursor, reading in the background: beside the writer, with its notices, or in a process of its own. */
export class PowerReader {
  readonly #options: PowerOptions;
  readonly #oracle: StageOracle;
  readonly #random: () => number;
  #stage: LocalStage | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** How often a batch is committed. */
  #passes = HALF;
  /** The last batch whose commit was begun. */
  #committed = 0;
  lastSeq: number | undefined;

  constructor(options: PowerOptions, oracle: StageOracle, random: () => number) {
    this.#options = options;
    this.#oracle = oracle;
    this.#random = random;
  }

  get committed(): number {
    return this.#committed;
  }

  notice(mark: StageMark): void {
    this.#stage?.notice(mark);
  }

  /** Reads once to the end of what is sealed, after the reading that is under way. */
  async start(writer: SimulatedFs): Promise<void> {
    await this.#reading;
    const isBeside = this.#random() < 0.5;
    const fs = isBeside ? writer : writer.process({ random: this.#random });
    const stage = createPowerStage(fs, this.#options);
    this.#stage = isBeside ? stage : undefined;
    this.#reading = this.#read(stage).catch((error: unknown) => {
      if (!fs.isKilled && !fs.hasFailed) throw error;
    });
    this.#reading.catch(() => {});
  }

  /** Reads all that is sealed, and commits the last batch. */
  async passAll(writer: SimulatedFs): Promise<void> {
    await this.#reading;
    this.#passes = 1;
    await this.start(writer);
    await this.#reading;
    this.#passes = HALF;
  }

  /** Resolves when nothing is being read. @throws what went wrong, unless the process was killed */
  settle(): Promise<void> {
    return this.#reading;
  }

  async #read(stage: LocalStage): Promise<void> {
    let last: number | undefined;
    for await (const group of stage.batches('r', ONCE)) {
      for (const batch of group) {
        const isNext = this.#oracle.isNext(batch.seq, last ?? Math.min(this.#committed, batch.seq - 1));
        if (!isNext) throw new Broken('a reader goes on behind its cursor', `got ${batch.seq} after ${last}`);
        last = batch.seq;
        await this.#accept(stage, batch);
      }
    }
  }

  async #accept(stage: LocalStage, batch: Batch): Promise<void> {
    this.#oracle.give(batch);
    this.lastSeq = batch.seq;
    this.#oracle.give(batch, (await batch.read()).bytes);
    if (this.#random() >= this.#passes) return;
    this.#committed = Math.max(this.#committed, batch.seq);
    await stage.commit('r', batch);
  }
}
