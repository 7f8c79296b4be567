import { nodeStageFs, type StageFs } from '../../src/stages/stage-fs.js';
import { createRandom } from '../support/random.js';
import { CrashingFs } from './crashing-fs.js';
import { SimulatedFs } from './simulated-fs.js';

/** How a process ends, and when the next one does. */
export interface End {
  /** Whether the machine loses its power too; only a simulated one can. */
  readonly power: boolean;
  /** The change at which the next process is killed; undefined: at none. */
  readonly nextKilledAt: number | undefined;
}

/** A machine on which one process at a time has the stage open, and others look at it. */
export interface ModelMachine {
  /** What the process has. */
  readonly fs: StageFs;
  readonly isKilled: boolean;
  /** What another process has. */
  other(): StageFs;
  /** Ends the process, and starts the next one once `close` has let go of what the dead one held. */
  restart(end: End, close: () => Promise<void>): Promise<void>;
}

/** The machine that the test runs on. */
export class RealMachine implements ModelMachine {
  fs = new CrashingFs(Number.POSITIVE_INFINITY);

  get isKilled(): boolean {
    return this.fs.isKilled;
  }

  other(): StageFs {
    return nodeStageFs;
  }

  async restart({ nextKilledAt = Number.POSITIVE_INFINITY }: End, close: () => Promise<void>): Promise<void> {
    const old = this.fs;
    old.kill();
    await close();
    await old.closeAll();
    this.fs = new CrashingFs(nextKilledAt, true);
  }
}

/** A machine in memory; the same seed decides the same. */
export class SimulatedMachine implements ModelMachine {
  readonly #random: () => number;
  fs: SimulatedFs;

  constructor(seed: number, clockMs: () => number) {
    this.#random = createRandom(seed);
    this.fs = SimulatedFs.start({ clockMs }).process({ random: this.#random });
  }

  get isKilled(): boolean {
    return this.fs.isKilled;
  }

  other(): SimulatedFs {
    return this.fs.process();
  }

  async restart({ power, nextKilledAt }: End, close: () => Promise<void>): Promise<void> {
    const killAt = nextKilledAt ?? Number.POSITIVE_INFINITY;
    const faults = { killAt, tears: true, random: this.#random };
    this.fs = power ? this.fs.powerLoss(this.#random, faults) : this.fs.processCrash(faults);
    await close();
  }
}
