import type { RunnerHandle } from '../runner-handle.js';
import { ProgressMeter } from './progress-meter.js';
import type { StageWatches } from './stage-watches.js';

const SAMPLE_MS = 500;
const LOOK_MS = 1000;

/** A meter that is kept up to date, and how to stop that. */
export interface WatchedProgress {
  readonly meter: ProgressMeter;
  stop(): Promise<void>;
}

/** Samples the runners of a run while it lasts, and looks at what waits in their stages. */
export function watchProgress(handles: readonly RunnerHandle[], watches: StageWatches): WatchedProgress {
  const meter = new ProgressMeter(handles);
  let looking: Promise<void> | undefined;
  const look = () => {
    looking ??= watches.look().then((waiting) => {
      meter.setWaiting(waiting);
      looking = undefined;
    });
  };
  const timers = [setInterval(() => meter.sample(), SAMPLE_MS), setInterval(look, LOOK_MS)];
  return {
    meter,
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await looking;
    },
  };
}
