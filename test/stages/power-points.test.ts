import { afterEach, expect, test, vi } from 'vitest';
import { createRandom } from '../support/random.js';
import { lookAt } from './power-look.js';
import { createPowerStage, POWER_FOLDER, type PowerOptions } from './power-stage.js';
import { SimulatedFs } from './simulated-fs.js';
import { StageOracle } from './stage-oracle.js';

const SEEDS = 12;
const NEVER_MS = 3_600_000;

interface Point {
  /** The change of the disk at which the first process is killed. */
  readonly killAt: number;
  /** Decides what the loss of power takes. */
  readonly seed: number;
}

/**
 * A process that puts, rolls and seals is killed; the next one, on the same machine, goes on; then the power goes.
 *
 * @returns whether there were so many changes
 */
async function isKilledAt({ killAt, seed }: Point, options: PowerOptions): Promise<boolean> {
  const oracle = new StageOracle(options.replayable);
  oracle.keepTime();
  const machine = SimulatedFs.start({ clockMs: () => oracle.nowMs });
  await machine.makeFolder('/disk');
  const first = machine.process({ killAt });
  await live(first, options, oracle, ['put', 'roll', 'put', 'seal', 'put']).catch((error: unknown) => {
    if (!first.isKilled) throw error;
  });
  const wasKilled = first.isKilled;
  const second = first.processCrash();
  oracle.outage();
  const abandoned = await live(second, options, oracle, ['put', 'seal']);
  const third = second.powerLoss(createRandom(seed));
  oracle.outage();
  await abandoned.close().catch(() => {});
  const stage = await live(third, options, oracle, []);
  const log = await lookAt(third.process(), options);
  const state = { position: stage.position(), lastReceivedUs: stage.lastReceivedUs(), passed: 0 };
  expect(() => oracle.judge({ ...log, ...state }), third.log.join('\n')).not.toThrow();
  await stage.close();
  return wasKilled;
}

async function live(
  fs: SimulatedFs,
  options: PowerOptions,
  oracle: StageOracle,
  steps: readonly ('put' | 'roll' | 'seal')[],
) {
  const stage = createPowerStage(fs, options);
  try {
    await stage.open();
    oracle.resume(stage.position());
    for (const step of steps) {
      const confirm = oracle.beforeSeal();
      if (step === 'put') await stage.put(oracle.nextChunk(2));
      else await stage[step]().then(confirm);
    }
    return stage;
  } catch (error) {
    await stage.close().catch(() => {});
    throw error;
  }
}

afterEach(() => vi.restoreAllMocks());

for (const replayable of [false, true])
  for (const manifestLines of [2, 10_000])
    test(`a kill at any change, then a life without loss of power, then a loss: nothing that was acknowledged goes (replayable: ${replayable}, ${manifestLines} lines a file)`, async () => {
      const tuning = { groupMs: NEVER_MS, groupBytes: 1, manifestLines, rollMs: NEVER_MS, tidyMs: NEVER_MS };
      const batch = { size: 1e6, bytes: 2 ** 40, interval: NEVER_MS };
      const options = { folder: POWER_FOLDER, replayable, batch, dependents: [], tuning };
      for (let killAt = 1; ; killAt++) {
        const killed: boolean[] = [];
        for (let seed = 1; seed <= SEEDS; seed++) killed.push(await isKilledAt({ killAt, seed }, options));
        if (killed.includes(false)) return;
      }
    }, 120_000);
