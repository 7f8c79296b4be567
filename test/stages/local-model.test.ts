import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, test, vi } from 'vitest';
import { createTempFolder } from '../support/temp-folder.js';
import { RealMachine, SimulatedMachine } from './model-machine.js';
import { ModelledStage, type Step } from './modelled-stage.js';
import { POWER_FOLDER, type PowerOptions } from './power-stage.js';
import { StageOracle } from './stage-oracle.js';

/** Runs on the simulated disk for each kind of source; the real one, which is slower, gets its share. */
const RUNS = Number(process.env.SOCKET_EL_MODEL_RUNS ?? 10_000);
const REAL_RUNS = Math.ceil(RUNS / 66);
const SEED = Number(process.env.SOCKET_EL_MODEL_SEED ?? Date.now() % 2 ** 31);

const anyKills = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put'), messages: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('flush', 'gap', 'seal', 'roll', 'prune', 'look', 'reopen'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('read', 'get'), commits: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('crash', 'powerLoss'), recoveryKilledAt: anyKills }),
  },
);
const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 14 });
const anyTuning = fc.record({
  groupBytes: fc.constantFrom(1, 1000, 2 ** 20),
  rollBytes: fc.constantFrom(1, 2000, 2 ** 26),
  manifestLines: fc.constantFrom(2, 5, 10_000),
});

type AnyTuning = typeof anyTuning extends fc.Arbitrary<infer T> ? T : never;

/** What was wrong once: a reader whose manifest, and the two behind it, were pruned. */
const FOUND_BEFORE: [number, AnyTuning, Step[]][] = [
  [
    0,
    { groupBytes: 1, rollBytes: 1, manifestLines: 2 },
    [
      { do: 'put', messages: 1 },
      { do: 'reopen' },
      { do: 'flush' },
      { do: 'read', commits: true },
      { do: 'get', commits: true },
      { do: 'prune' },
      { do: 'get', commits: false },
    ],
  ],
];

type Tuning = NonNullable<PowerOptions['tuning']>;

function optionsOf(folder: string, replayable: boolean, tuning: Tuning): PowerOptions {
  const batch = { size: 5, bytes: 2 ** 40, interval: 3_600_000 };
  return { folder, replayable, batch, dependents: ['r', 'g'], tuning };
}

afterEach(() => vi.restoreAllMocks());

for (const replayable of [false, true]) {
  test(`after any steps, crashes and losses of power the stage holds what it must (replayable: ${replayable}, ${RUNS} runs, seed ${SEED})`, async () => {
    const property = fc.asyncProperty(fc.nat(), anyTuning, anySteps, async (seed, tuning, steps) => {
      const oracle = new StageOracle(replayable);
      oracle.keepTime();
      const machine = new SimulatedMachine(seed, () => oracle.nowMs);
      const options = optionsOf(POWER_FOLDER, replayable, { ...tuning, groupMs: 3_600_000 });
      await new ModelledStage(machine, options, oracle).run(steps);
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED, examples: FOUND_BEFORE });
  }, 600_000);

  test(`so it does on a real disk, whose machine is not turned off (replayable: ${replayable}, ${REAL_RUNS} runs, seed ${SEED})`, async () => {
    const root = await createTempFolder();
    let run = 0;
    const property = fc.asyncProperty(anyTuning, anySteps, async (tuning, steps) => {
      const oracle = new StageOracle(replayable, [1, 10, 3000, 300_000]);
      const options = optionsOf(join(root, String(run++), 'trades'), replayable, tuning);
      await new ModelledStage(new RealMachine(), options, oracle).run(steps);
    });
    await fc.assert(property, { numRuns: REAL_RUNS, seed: SEED });
  }, 600_000);
}
