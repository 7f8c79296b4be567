import type { RunnerHandle } from '../runner-handle.js';
import { ProgressMeter } from './progress-meter.js';
import type { StageWatches } from './stage-watches.js';

const SAMPLE_MS = 500;
const LOOK_MS = 1000;

/** A meter that is kept up to date. */
export interface WatchedProgress {
  readonly meter: ProgressMeter;
  /** Looks a last time, so that the meter has what is so at the end. */
  stop(): Promise<void>;
}

/** Samples the runners of a run while it lasts, and looks at what waits in their stages. */
export function watchProgress(handles: readonly RunnerHandle[], watches: StageWatches): WatchedProgress {
  const meter = new ProgressMeter(handles);
  let looking: Promise<void> | undefined;
  const look = (): Promise<void> => {
    looking ??= watches.look().then((waiting) => {
      meter.setWaiting(waiting);
      looking = undefined;
    });
    return looking;
  };
  const timers = [setInterval(() => meter.sample(), SAMPLE_MS), setInterval(look, LOOK_MS)];
  return {
    meter,
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await looking;
      await look();
    },
  };
}
