import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LocalStage } from '../../src/stages/local.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';
import { chunkOf, copyCrashImage, type ReadBatch, readSealed, stageAt } from './staged.js';

/** What may happen to a stage. `crash` goes on with a copy of the folder, taken at once or when all is durable. */
type Step =
  | { readonly do: 'put'; readonly lines: number; readonly bytes: number }
  | { readonly do: 'settle' | 'seal' | 'reopen' | 'look' | 'crash' };

const anyPut = fc.record({
  do: fc.constant('put' as const),
  lines: fc.integer({ min: 1, max: 4 }),
  bytes: fc.constantFrom(1, 10, 3000, 300_000),
});
const anyOther = fc.record({ do: fc.constantFrom('settle', 'seal', 'reopen', 'look', 'crash') });
const anySteps = fc.array(fc.oneof({ weight: 3, arbitrary: anyPut }, { weight: 2, arbitrary: anyOther }), {
  minLength: 1,
  maxLength: 14,
}) as fc.Arbitrary<readonly Step[]>;

const SIZE = 5;

/** The stage under test beside what must be true of it. */
class ModelledStage {
  readonly #root: string;
  readonly #replayable: boolean;
  #folder: string;
  #stage: LocalStage;
  /** Every message accepted that may still be there, in order. */
  #accepted: string[] = [];
  /** So many of them were acknowledged as durable, or sealed for good. */
  #durable = 0;
  #seen: ReadBatch[] = [];
  #number = 0;

  constructor(root: string, replayable: boolean) {
    this.#root = root;
    this.#replayable = replayable;
    this.#folder = join(root, randomUUID());
    this.#stage = this.#newStage();
  }

  async run(steps: readonly Step[]): Promise<void> {
    await this.#stage.open();
    try {
      for (const step of steps) await this.#take(step);
      await this.#reopen();
      await this.#look(this.#accepted.length);
    } finally {
      await this.#stage.close();
    }
  }

  #newStage(): LocalStage {
    return stageAt(this.#folder, { replayable: this.#replayable, size: SIZE });
  }

  #take(step: Step): Promise<void> {
    if (step.do === 'put') return this.#put(step.lines, step.bytes);
    if (step.do === 'seal') return this.#seal();
    if (step.do === 'reopen') return this.#reopen();
    if (step.do === 'crash') return this.#crash();
    if (step.do === 'look') return this.#look(0).then(() => {});
    return this.#settle();
  }

  #put(lines: number, bytes: number): Promise<void> {
    const messages = Array.from({ length: lines }, () => `"${this.#number++} ${'x'.repeat(bytes)}"`);
    this.#accepted.push(...messages);
    const count = this.#accepted.length;
    const onDurable = () => (this.#durable = Math.max(this.#durable, count));
    return this.#stage.put(chunkOf(messages, { onDurable, position: count }));
  }

  async #settle(): Promise<void> {
    await this.#put(1, 1);
    const count = this.#accepted.length;
    const what = 'a chunk becomes durable by itself';
    await until(() => this.#durable === count, { timeoutMs: 5000, intervalMs: 2, what });
  }

  async #seal(): Promise<void> {
    await this.#stage.seal();
    await this.#look(this.#accepted.length);
  }

  async #reopen(): Promise<void> {
    await this.#stage.close();
    this.#stage = this.#newStage();
    await this.#stage.open();
    this.#expectPosition(this.#accepted.length);
  }

  /** What was accepted and not acknowledged may be gone; of a replayable source so may all that was not sealed. */
  async #crash(): Promise<void> {
    const durable = this.#durable;
    const image = await copyCrashImage(this.#folder, join(this.#root, randomUUID()));
    await this.#stage.close();
    this.#folder = image;
    this.#stage = this.#newStage();
    await this.#stage.open();
    const kept = await this.#look(this.#replayable ? 0 : durable);
    this.#accepted = this.#accepted.slice(0, kept);
    this.#durable = kept;
    this.#expectPosition(kept);
  }

  #expectPosition(count: number): void {
    if (this.#replayable) expect(this.#stage.position() ?? 0).toBe(count);
  }

  /** @returns how many messages are sealed */
  async #look(atLeast: number): Promise<number> {
    const found = await readSealed(this.#folder);
    const lines = found.flatMap((batch) => batch.lines);
    expect(lines).toEqual(this.#accepted.slice(0, lines.length));
    expect(lines.length).toBeGreaterThanOrEqual(atLeast);
    expect(found.map(({ seq }) => seq)).toEqual(found.map((_, i) => i + 1));
    expect(found.slice(0, this.#seen.length), 'a number names one content for ever').toEqual(this.#seen);
    expect(found.every((batch) => batch.messages === batch.lines.length)).toBe(true);
    this.#seen = found;
    return lines.length;
  }
}

for (const replayable of [false, true])
  test(`after any steps and crashes the stage holds a prefix of what was accepted, all that was acknowledged, once (replayable: ${replayable})`, async () => {
    const root = await createTempFolder();
    const property = fc.asyncProperty(anySteps, (steps) => new ModelledStage(root, replayable).run(steps));
    await fc.assert(property, { numRuns: 50 });
  }, 120_000);
