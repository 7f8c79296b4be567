import { LocalStage } from '../../src/stages/local.js';
import type { StageContext } from '../../src/stages/stage.js';
import type { StageFs } from '../../src/stages/stage-fs.js';
import { stageSetting } from '../../src/stages/stage-settings.js';
import { pick } from '../support/random.js';
import { decodeSettings } from './staged.js';

/** Where the stage of a scenario lies; the first of these folders is there before it. */
export const POWER_FOLDER = '/disk/stage/trades';

const NEVER_MS = 3_600_000;
const SETTINGS = stageSetting.parse({ retain: { for: '0s', bytes: '0B' } });
const DECODE = decodeSettings();

/** How the stages of one scenario are made. */
export interface PowerOptions extends Pick<StageContext, 'replayable' | 'batch' | 'dependents' | 'tuning'> {
  readonly folder: string;
}

/** Small sizes, and no timer ever fires. */
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
  const batch = { size, bytes, interval: NEVER_MS };
  return { folder: POWER_FOLDER, replayable, batch, dependents: ['r'], tuning };
}

/** A stage object, not opened, that keeps nothing longer than its readers need it. */
export function createPowerStage(
  fs: StageFs,
  options: PowerOptions,
  listener: Pick<StageContext, 'onSealed' | 'onFailed'> = {},
): LocalStage {
  const logger = { log: () => {} };
  const context = { ...options, ...listener, pipeline: 'p', consumer: 'trades', decode: DECODE, logger };
  return new LocalStage({ ...SETTINGS, folder: options.folder }, context, fs);
}
