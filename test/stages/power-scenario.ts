import { posix } from 'node:path';
import { LocalStage, type LocalStageSettings } from '../../src/stages/local.js';
import type { Batch, StageContext, StageMark } from '../../src/stages/stage.js';
import { createRandom, pick } from '../support/random.js';
import { SimulatedFs } from './simulated-fs.js';
import type { Faults } from './simulated-process.js';
import { Broken, type Found, type FoundBatch, StageOracle } from './stage-oracle.js';
import { ONCE } from './staged.js';

const FOLDER = '/disk/stage/trades';
const NEVER_MS = 3_600_000;
const LIVES = 3;
const MOST_STEPS = 14;
/** A life is ended at a change up to one of these, so that the first moments of a stage get their share. */
const MOST_CHANGES = [15, 50, 150];
const MOST_RECOVERY_CHANGES = 120;
const MOST_TO_KILL_RECOVERY = 45;
const KILLS_OF_RECOVERY = [0, 0, 1, 2, 5];

type Step = 'put' | 'seal' | 'flush' | 'gap' | 'read' | 'reopen' | 'kill';
const STEPS: readonly Step[] = [
  'put',
  'put',
  'put',
  'put',
  'seal',
  'flush',
  'gap',
  'read',
  'read',
  'reopen',
  'kill',
];

/** How the stages of one scenario are made. */
interface StageOptions {
  readonly replayable: boolean;
  readonly size: number;
  readonly bytes: number;
  readonly tuning: Readonly<Record<string, number>>;
}

function anyOptions(random: () => number, replayable: boolean): StageOptions {
  const tuning = {
    groupMs: NEVER_MS,
    groupBytes: pick(random, [1, 300, 2 ** 20]),
    rollBytes: pick(random, [1, 600, 4000, 2 ** 26]),
    rollMs: NEVER_MS,
    manifestLines: pick(random, [2, 4, 9, 10_000]),
    tidyMs: NEVER_MS,
  };
  return { replayable, size: pick(random, [2, 6, 1e6]), bytes: pick(random, [200, 2000, 2 ** 40]), tuning };
}

interface Listener {
  readonly onSealed: (mark: StageMark) => void;
  readonly onFailed: () => void;
}

function createStage(fs: SimulatedFs, options: StageOptions, listener?: Listener): LocalStage {
  const { size, bytes, replayable, tuning } = options;
  const settings = { folder: FOLDER, allow_unsafe_fs: false, retain: { for: 0, bytes: 0 } };
  const context = {
    pipeline: 'p',
    consumer: 'trades',
    batch: { size, bytes, interval: NEVER_MS },
    replayable,
    dependents: [],
    logger: { log: () => {} },
    tuning,
    ...listener,
  };
  return new LocalStage(settings as unknown as LocalStageSettings, context as unknown as StageContext, fs);
}

/**
 * The life of a stage on a machine that loses its power again and again: random puts, seals, gaps, reads and restarts,
 * an end at a random change of the disk, recoveries that are killed too, then the judgement.
 */
export class PowerScenario {
  readonly #random: () => number;
  readonly #options: StageOptions;
  readonly #oracle: StageOracle;
  #fs: SimulatedFs;
  #stage: LocalStage;
  #reader: LocalStage | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** Every batch whose commit was begun. */
  readonly #committed = new Set([0]);
  #lastRead: number | undefined;
  #hasFailed = false;
  #killAt = Number.POSITIVE_INFINITY;

  constructor(seed: number, replayable: boolean) {
    this.#random = createRandom(seed);
    this.#options = anyOptions(this.#random, replayable);
    this.#oracle = new StageOracle(replayable);
    this.#fs = new SimulatedFs({ random: this.#random });
    this.#stage = createStage(this.#fs, this.#options);
  }

  /** What happened, for the message of a failing test. */
  get story(): string {
    const log = this.#fs.log.join('\n').replaceAll(`${FOLDER}/`, '');
    return `${JSON.stringify(this.#options)}\n${log}`;
  }

  /** @throws Broken when the stage breaks a rule */
  async run(): Promise<void> {
    await this.#fs.makeFolder(posix.dirname(posix.dirname(FOLDER)));
    for (let life = 0; life < LIVES; life++) {
      await this.#live(life);
      for (let kills = pick(this.#random, KILLS_OF_RECOVERY); kills > 0; kills--) {
        await this.#fall({ killAt: this.#upTo(MOST_TO_KILL_RECOVERY) });
        await this.#untilKilled(() => this.#open());
      }
      await this.#judge();
    }
    await this.#finish();
    await this.#fall({});
  }

  /** Steps until their end or until killed. The first life of a stage begins with a folder that is not there. */
  async #live(life: number): Promise<void> {
    this.#killAt =
      this.#random() < 0.85 ? this.#upTo(pick(this.#random, MOST_CHANGES)) : Number.POSITIVE_INFINITY;
    await this.#fall({ killAt: this.#killAt, tears: this.#random() < 0.5 }, life === 0);
    await this.#untilKilled(async () => {
      await this.#open();
      for (let left = this.#upTo(MOST_STEPS); left > 0; left--) await this.#take(pick(this.#random, STEPS));
    });
  }

  async #untilKilled(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#fs.isKilled) throw error;
    }
  }

  async #open(): Promise<void> {
    this.#reader = undefined;
    this.#hasFailed = false;
    this.#stage = createStage(this.#fs, this.#options, {
      onSealed: (mark) => this.#reader?.notice(mark),
      onFailed: () => (this.#hasFailed = true),
    });
    await this.#stage.open();
    this.#oracle.resume(this.#stage.position());
  }

  async #take(step: Step): Promise<void> {
    this.#fs.note(step);
    if (step === 'put') await this.#stage.put(this.#oracle.nextChunk(this.#upTo(4)));
    if (step === 'seal') await this.#seal();
    if (step === 'flush') this.#stage.receivedUntil(this.#oracle.nextMoment());
    if (step === 'gap') this.#stage.gap(this.#oracle.nextGap());
    if (step === 'read') await this.#startReading();
    if (step === 'reopen') await this.#reopen();
    if (step === 'kill') await this.#restart();
  }

  async #seal(): Promise<void> {
    const confirm = this.#oracle.beforeSeal();
    await this.#stage.seal();
    confirm();
  }

  async #reopen(): Promise<void> {
    const confirm = this.#oracle.beforeSeal();
    await this.#stage.close();
    // A stage that failed, or whose process is dead, only closes its files.
    if (this.#hasFailed || this.#fs.isKilled) return;
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

  /** In the background; in the writer's process, with its notices, or in another one. */
  async #startReading(): Promise<void> {
    await this.#reading;
    const isOther = this.#random() < 0.5;
    const fs = isOther ? this.#fs.process({ random: this.#random }) : this.#fs;
    const reader = createStage(fs, this.#options);
    if (!isOther) this.#reader = reader;
    this.#reading = this.#read(reader).catch((error: unknown) => {
      if (!fs.isKilled) throw error;
    });
    this.#reading.catch(() => {});
  }

  async #read(reader: LocalStage): Promise<void> {
    let last: number | undefined;
    for await (const group of reader.batches('r', ONCE)) {
      for (const batch of group) {
        const isNext = last === undefined ? this.#committed.has(batch.seq - 1) : batch.seq === last + 1;
        if (!isNext) throw new Broken('a reader goes on behind its cursor', `got ${batch.seq} after ${last}`);
        last = batch.seq;
        await this.#accept(reader, batch);
      }
    }
  }

  async #accept(reader: LocalStage, batch: Batch): Promise<void> {
    this.#oracle.give(batch);
    this.#lastRead = batch.seq;
    this.#oracle.give(batch, (await batch.read()).bytes);
    if (this.#random() < 0.5) await this.#commit(reader, batch);
  }

  #commit(reader: LocalStage, batch: Batch): Promise<void> {
    this.#committed.add(batch.seq);
    return reader.commit('r', batch);
  }

  /** The end of the process, mostly with the machine's power; then the next one, on what is left. */
  async #fall(faults: Faults, isFirst = false): Promise<void> {
    const old = this.#stage;
    const all = { ...faults, random: this.#random };
    const hasPower = isFirst || this.#random() < 0.3;
    this.#fs = hasPower ? this.#fs.processCrash(all) : this.#fs.powerLoss(this.#random, all);
    await old.close().catch(() => {});
    await this.#reading;
  }

  async #judge(): Promise<void> {
    for (const what of ['recovery', 'another recovery']) {
      await this.#fall({});
      this.#fs.note(what);
      await this.#open();
      if (this.#fs.changes > MOST_RECOVERY_CHANGES)
        throw new Broken('recovery ends', `${this.#fs.changes} changes`);
      this.#oracle.judge(await this.#look());
    }
  }

  /** What another process finds, from the beginning on. */
  async #look(): Promise<Found> {
    const fs = this.#fs.process();
    const batches: FoundBatch[] = [];
    for await (const group of createStage(fs, this.#options).batches('looker', ONCE)) {
      for (const batch of group) {
        const { bytes, receipts } = await batch.read();
        this.#oracle.give(batch, bytes);
        batches.push({ seq: batch.seq, messages: batch.messages, bytes, receipts });
      }
    }
    const gaps = await readGaps(fs);
    return { batches, gaps, position: this.#stage.position(), lastReceivedUs: this.#stage.lastReceivedUs() };
  }

  /** The stage still works, and the reader gets all that is behind its cursor. */
  async #finish(): Promise<void> {
    await this.#stage.put(this.#oracle.nextChunk(1));
    await this.#seal();
    const { batches, ...rest } = await this.#look();
    this.#oracle.judge({ batches, ...rest });
    await this.#startReading();
    await this.#reading;
    await this.#stage.close();
    const last = batches.at(-1)?.seq;
    if (this.#lastRead !== last)
      throw new Broken('a reader gets everything behind its cursor', `${this.#lastRead} of ${last}`);
  }

  #upTo(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }
}

/** The reasons of all gaps in the manifest. */
async function readGaps(fs: SimulatedFs): Promise<readonly string[]> {
  const folder = posix.join(FOLDER, 'manifest');
  const texts = await Promise.all(
    (await fs.list(folder)).map((name) => fs.readSmall(posix.join(folder, name))),
  );
  return [...texts.join('').matchAll(/"fact":"gap".*"reason":"([^"]*)"/g)].map((match) => match[1] as string);
}
