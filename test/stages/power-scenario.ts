import { posix } from 'node:path';
import type { LocalStage } from '../../src/stages/local.js';
import { createRandom, pick } from '../support/random.js';
import { lookAt } from './power-look.js';
import { PowerReader } from './power-reader.js';
import { anyPowerOptions, createPowerStage, POWER_FOLDER, type PowerOptions } from './power-stage.js';
import { SimulatedFs } from './simulated-fs.js';
import type { Faults } from './simulated-process.js';
import { Broken, StageOracle } from './stage-oracle.js';

/** A life is ended at a change up to one of these, so that the first moments of a stage get their share. */
const MOST_CHANGES = [15, 50, 150];
const MOST_RECOVERY_CHANGES = 150;
const MOST_TO_KILL_RECOVERY = 45;
const MOST_LIVES = 3;
const MOST_STEPS = 14;
const MOST_TO_FAIL = 40;
const KILLS_OF_RECOVERY = [0, 0, 1, 2, 5];

const STEPS = [
  ...(['put', 'put', 'put', 'put', 'put', 'seal', 'seal', 'flush', 'gap'] as const),
  ...(['roll', 'prune', 'read', 'read', 'read', 'reopen', 'kill'] as const),
];

/** What a scenario is made from. */
export interface PowerPlan {
  readonly seed: number;
  readonly replayable: boolean;
  /** Whether writes and syncs fail too. */
  readonly hasErrors: boolean;
}

/**
 * The life of a stage on a machine that loses its power again and again: random puts, seals, gaps, reads and restarts,
 * an end at a random change of the disk, recoveries that are killed too, then the judgement.
 */
export class PowerScenario {
  readonly #random: () => number;
  readonly #options: PowerOptions;
  readonly #oracle: StageOracle;
  readonly #reader: PowerReader;
  readonly #hasErrors: boolean;
  #fs: SimulatedFs;
  #stage: LocalStage;
  /** Seals that nobody waits for. */
  #sealing: Promise<void>[] = [];
  /** How often a process ends without a loss of power. */
  readonly #keepsPower: number;
  #killAt = Number.POSITIVE_INFINITY;

  constructor({ seed, replayable, hasErrors }: PowerPlan) {
    this.#random = createRandom(seed);
    this.#options = anyPowerOptions(this.#random, replayable);
    this.#oracle = new StageOracle(replayable);
    this.#reader = new PowerReader(this.#options, this.#oracle, this.#random);
    this.#hasErrors = hasErrors;
    this.#keepsPower = pick(this.#random, [0.1, 0.5, 0.9]);
    this.#oracle.keepTime();
    this.#fs = SimulatedFs.start({ clockMs: () => this.#oracle.nowMs });
    this.#stage = createPowerStage(this.#fs, this.#options);
  }

  /** What happened, for the message of a failing test. */
  get story(): string {
    const log = this.#fs.log.join('\n').replaceAll(`${POWER_FOLDER}/`, '');
    return `${JSON.stringify(this.#options)}\n${log}`;
  }

  /** @throws Broken when the stage breaks a rule */
  async run(): Promise<void> {
    await this.#fs.makeFolder(posix.dirname(posix.dirname(POWER_FOLDER)));
    for (let life = this.#upTo(MOST_LIVES); life > 0; life--) {
      await this.#live();
      for (let kills = pick(this.#random, KILLS_OF_RECOVERY); kills > 0; kills--) {
        await this.#fall({ killAt: this.#upTo(MOST_TO_KILL_RECOVERY) });
        await this.#untilItsEnd(() => this.#open());
      }
      await this.#judge();
    }
    await this.#finish();
    await this.#judge();
    await this.#fall({});
  }

  /** Steps until their end, or until the process is killed or its disk has failed. */
  async #live(): Promise<void> {
    const isKilled = this.#random() < 0.85;
    this.#killAt = isKilled ? this.#upTo(pick(this.#random, MOST_CHANGES)) : Number.POSITIVE_INFINITY;
    await this.#fall({ killAt: this.#killAt, tears: this.#random() < 0.5, ...this.#anyErrors() });
    await this.#untilItsEnd(async () => {
      await this.#open();
      for (let left = this.#upTo(MOST_STEPS); left > 0; left--) await this.#take(pick(this.#random, STEPS));
    });
  }

  #anyErrors(): Faults {
    if (!this.#hasErrors) return {};
    const [write, sync, other] = [MOST_TO_FAIL, MOST_TO_FAIL, MOST_TO_FAIL].map((most) => this.#upTo(most));
    return { failWrites: [write as number], failSyncs: [sync as number, other as number] };
  }

  async #untilItsEnd(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Broken || !this.#mayFail) throw error;
    }
  }

  get #mayFail(): boolean {
    return this.#fs.isKilled || this.#fs.hasFailed;
  }

  async #open(): Promise<void> {
    const onSealed = this.#reader.notice.bind(this.#reader);
    this.#stage = createPowerStage(this.#fs, this.#options, { onSealed });
    await this.#stage.open();
    this.#oracle.resume(this.#stage.position());
  }

  async #take(step: (typeof STEPS)[number]): Promise<void> {
    this.#fs.note(step);
    if (step === 'put') await this.#stage.put(this.#oracle.nextChunk(this.#upTo(4)));
    if (step === 'seal' || step === 'roll') await this.#sealSoon(this.#stage[step]());
    if (step === 'flush') this.#stage.receivedUntil(this.#oracle.nextMoment());
    if (step === 'gap') this.#stage.gap(this.#oracle.nextGap());
    if (step === 'prune') await this.#stage.prune();
    if (step === 'read') await this.#reader.start(this.#fs);
    if (step === 'reopen') await this.#reopen();
    if (step === 'kill') await this.#restart();
  }

  /** Half of the seals are waited for. */
  async #sealSoon(sealing: Promise<void>): Promise<void> {
    const confirmed = sealing.then(this.#oracle.beforeSeal());
    const settled = confirmed.catch((error: unknown) => {
      if (error instanceof Broken) throw error;
    });
    this.#sealing.push(settled);
    if (this.#random() < 0.5) await confirmed;
  }

  async #reopen(): Promise<void> {
    const confirm = this.#oracle.beforeSeal();
    await this.#stage.close();
    // A stage whose disk has failed only closes its files.
    if (this.#mayFail) return;
    confirm();
    await this.#open();
  }

  /** A process that is killed and started again, without loss of power; the kill that was planned stays planned. */
  async #restart(): Promise<void> {
    const old = this.#stage;
    this.#killAt = Math.max(1, this.#killAt - this.#fs.changes);
    this.#fs = this.#fs.processCrash({ killAt: this.#killAt, random: this.#random });
    await old.close().catch(() => {});
    await this.#open();
  }

  /** The end of the process, mostly with the machine's power; then the next one, on what is left. */
  async #fall(faults: Faults): Promise<void> {
    const old = this.#stage;
    const all = { ...faults, random: this.#random };
    // What a disk that failed shows is not always what it holds; only a new start of the machine tells.
    const keepsPower = !this.#fs.hasFailed && this.#random() < this.#keepsPower;
    this.#fs = keepsPower ? this.#fs.processCrash(all) : this.#fs.powerLoss(this.#random, all);
    this.#oracle.outage();
    await old.close().catch(() => {});
    await Promise.all([...this.#sealing, this.#reader.settle()]);
    this.#sealing = [];
  }

  async #judge(): Promise<void> {
    for (const what of ['recovery', 'another recovery']) {
      await this.#fall({});
      this.#fs.note(what);
      await this.#open();
      if (this.#fs.changes > MOST_RECOVERY_CHANGES)
        throw new Broken('recovery ends', `${this.#fs.changes} changes`);
      await this.#look();
    }
  }

  /** @returns the last batch */
  async #look(): Promise<number> {
    const log = await lookAt(this.#fs.process(), this.#options);
    const stage = { position: this.#stage.position(), lastReceivedUs: this.#stage.lastReceivedUs() };
    this.#oracle.judge({ ...log, ...stage, passed: this.#reader.committed });
    return log.batches.at(-1)?.seq ?? log.prunedThrough;
  }

  /** The stage still works: the reader gets all that is behind its cursor, and what it has passed can go. */
  async #finish(): Promise<void> {
    await this.#stage.put(this.#oracle.nextChunk(1));
    const confirm = this.#oracle.beforeSeal();
    await this.#stage.roll();
    confirm();
    const last = await this.#look();
    await this.#reader.passAll(this.#fs);
    const { lastSeq } = this.#reader;
    if (lastSeq !== last)
      throw new Broken('a reader gets everything behind its cursor', `${lastSeq} of ${last}`);
    await this.#stage.prune();
    const left = await this.#fs.list(posix.join(POWER_FOLDER, 'data'));
    if (left.length > 0) throw new Broken('what every reader has passed goes', `${left} are there`);
    await this.#stage.close();
  }

  #upTo(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }
}
