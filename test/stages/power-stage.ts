import { LocalStage } from '../../src/stages/local.js';
import type { StageContext } from '../../src/stages/stage.js';
import { stageSetting } from '../../src/stages/stage-settings.js';
import { pick } from '../support/random.js';
import type { SimulatedFs } from './simulated-fs.js';
import { decodeSettings } from './staged.js';

/** Where the stage of a scenario lies; the first of these folders is there before it. */
export const POWER_FOLDER = '/disk/stage/trades';

const NEVER_MS = 3_600_000;
const SETTINGS = {
  ...stageSetting.parse({ retain: { for: '0s', bytes: '0B' } }),
  folder: POWER_FOLDER,
};
const DECODE = decodeSettings();

/** How the stages of one scenario are made; small sizes, and no timer ever fires. */
export type PowerOptions = Pick<StageContext, 'replayable' | 'batch' | 'dependents' | 'tuning'>;

export function anyPowerOptions(random: () => number, replayable: boolean): PowerOptions {
  const tuning = {
    groupMs: NEVER_MS,
    groupBytes: pick(random, [1, 300, 2 ** 20]),
    rollBytes: pick(random, [1, 600, 4000, 2 ** 26]),
    rollMs: NEVER_MS,
    manifestLines: pick(random, [2, 4, 9, 10_000]),
    tidyMs: NEVER_MS,
  };
  const size = pick(random, [2, 6, 1e6]);
  const bytes = pick(random, [200, 2000, 2 ** 40]);
  return { replayable, batch: { size, bytes, interval: NEVER_MS }, dependents: ['r'], tuning };
}

/** A stage object in a simulated process, not opened. */
export function createPowerStage(
  fs: SimulatedFs,
  options: PowerOptions,
  listener: Pick<StageContext, 'onSealed' | 'onFailed'> = {},
): LocalStage {
  const logger = { log: () => {} };
  const context = { ...options, ...listener, pipeline: 'p', consumer: 'trades', decode: DECODE, logger };
  return new LocalStage(SETTINGS, context, fs);
}
