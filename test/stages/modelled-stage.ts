import { expect } from 'vitest';
import type { LocalStage } from '../../src/stages/local.js';
import type { Batch } from '../../src/stages/stage.js';
import type { ModelMachine } from './model-machine.js';
import { lookAt } from './power-look.js';
import { createPowerStage, type PowerOptions } from './power-stage.js';
import type { StageOracle } from './stage-oracle.js';
import { ONCE } from './staged.js';

/** What may happen to a stage. */
export type Step =
  | { readonly do: 'put'; readonly messages: number }
  | { readonly do: 'flush' | 'gap' | 'seal' | 'roll' | 'prune' | 'look' | 'reopen' }
  | { readonly do: 'read' | 'get'; readonly commits: boolean }
  /** The end of the process; then a recovery that is killed at each of these changes, and one that is not. */
  | { readonly do: 'crash' | 'powerLoss'; readonly recoveryKilledAt: readonly number[] };

/** A reader of the model: how far its cursor is at least, and at most. */
interface Place {
  least: number;
  most: number;
}

/** A stage beside an oracle that judges it. One reader follows it from another process, one asks it for tables. */
export class ModelledStage {
  readonly #machine: ModelMachine;
  readonly #options: PowerOptions;
  readonly #oracle: StageOracle;
  readonly #places = { r: { least: 0, most: 0 }, g: { least: 0, most: 0 } };
  #stage: LocalStage;

  constructor(machine: ModelMachine, options: PowerOptions, oracle: StageOracle) {
    this.#machine = machine;
    this.#options = options;
    this.#oracle = oracle;
    this.#stage = createPowerStage(machine.fs, options);
  }

  /** @throws Broken when the stage breaks a rule */
  async run(steps: readonly Step[]): Promise<void> {
    try {
      await this.#stage.open();
      for (const step of steps) await this.#take(step);
      await this.#seal('seal');
    } finally {
      await this.#stage.close();
    }
  }

  #take(step: Step): Promise<void> | void {
    switch (step.do) {
      case 'put':
        return this.#stage.put(this.#oracle.nextChunk(step.messages));
      case 'gap':
        return this.#stage.gap(this.#oracle.nextGap());
      case 'seal':
      case 'roll':
        return this.#seal(step.do);
      case 'read':
        return this.#read(step.commits);
      case 'get':
        return this.#get(step.commits);
      case 'crash':
      case 'powerLoss':
        return this.#end(step.do === 'powerLoss', step.recoveryKilledAt);
      case 'prune':
        return this.#stage.prune();
      case 'flush':
        return this.#flush();
      case 'look':
        return this.#look();
      case 'reopen':
        return this.#reopen();
    }
  }

  /** Resolves when a chunk has become durable without being sealed. */
  #flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      const chunk = this.#oracle.nextChunk(1);
      const onDurable = () => {
        chunk.onDurable?.();
        resolve();
      };
      this.#stage.put({ ...chunk, onDurable }).catch(reject);
      this.#stage.receivedUntil(this.#oracle.nextMoment());
    });
  }

  async #seal(how: 'seal' | 'roll'): Promise<void> {
    const confirm = this.#oracle.beforeSeal();
    await this.#stage[how]();
    confirm();
    await this.#judge();
  }

  async #reopen(): Promise<void> {
    const confirm = this.#oracle.beforeSeal();
    await this.#stage.close();
    confirm();
    await this.#open();
    await this.#judge();
  }

  async #open(): Promise<void> {
    this.#stage = createPowerStage(this.#machine.fs, this.#options);
    await this.#stage.open();
    this.#oracle.resume(this.#stage.position());
  }

  async #end(power: boolean, recoveryKilledAt: readonly number[]): Promise<void> {
    // A cursor may fall back to where it was; the sink's ledger knows better.
    if (power) for (const place of Object.values(this.#places)) place.least = 0;
    for (const nextKilledAt of [...recoveryKilledAt, undefined]) {
      const old = this.#stage;
      await this.#machine.restart({ power, nextKilledAt }, () => old.close().catch(() => {}));
      this.#oracle.outage();
      await this.#open().catch((error: unknown) => {
        if (!this.#machine.isKilled) throw error;
      });
    }
    await this.#judge();
  }

  async #read(commits: boolean): Promise<void> {
    const reader = createPowerStage(this.#machine.other(), this.#options);
    const given: Batch[] = [];
    for await (const group of reader.batches('r', ONCE)) {
      for (const batch of group) {
        this.#oracle.give(batch, (await batch.read()).bytes);
        given.push(batch);
      }
    }
    const [first, last] = [given[0], given.at(-1)];
    if (first === undefined || last === undefined) return;
    expectFirst(first.seq, this.#places.r);
    expect(given.map(({ seq }) => seq)).toEqual(given.map((_, i) => first.seq + i));
    if (!commits) return;
    await reader.commit('r', last);
    this.#places.r = { least: last.seq, most: last.seq };
  }

  /** The next batch as a table has the rows of its messages. */
  async #get(commits: boolean): Promise<void> {
    const table = await this.#stage.get('g');
    if (table === undefined) return;
    const seq = Number(table.schema.metadata.get('seq'));
    expectFirst(seq, this.#places.g);
    const { batches } = await lookAt(this.#machine.other(), this.#options);
    const lines = batches.find((batch) => batch.seq === seq)?.bytes.toString('utf8') ?? '';
    const numbers = [...lines.matchAll(/^\{"n":(\d+),/gm)].map((match) => Number(match[1]));
    expect([...(table.getChild('n') ?? [])].map(Number)).toEqual(numbers);
    if (!commits) return;
    await this.#stage.commit('g', table);
    this.#places.g = { least: seq, most: seq };
  }

  /** What is there now stays. */
  async #look(): Promise<void> {
    const { batches } = await lookAt(this.#machine.other(), this.#options);
    for (const batch of batches) this.#oracle.give(batch, batch.bytes);
  }

  async #judge(): Promise<void> {
    const log = await lookAt(this.#machine.other(), this.#options);
    const { r, g } = this.#places;
    const stage = { position: this.#stage.position(), lastReceivedUs: this.#stage.lastReceivedUs() };
    this.#oracle.judge({ ...log, ...stage, passed: Math.min(r.most, g.most) });
  }
}

function expectFirst(seq: number, { least, most }: Place): void {
  expect(seq, 'a reader goes on behind its cursor').toBeGreaterThan(least);
  expect(seq, 'a reader goes on behind its cursor').toBeLessThanOrEqual(most + 1);
}
