import type { ProgressMeter } from '../engine/progress/progress-meter.js';
import type { RunnerProgress } from '../engine/progress/runner-progress.js';
import type { Logger } from '../utils/logger.js';
import { cellsOf } from './live/cells.js';

const INTERVAL_MS = 10_000;

/** Logs a line a runner every ten seconds, for who has no terminal. Returns how to stop. */
export function startProgressLines(meter: ProgressMeter, logger: Logger): () => void {
  const log = ({ name, ...progress }: RunnerProgress) => {
    const texts = cellsOf({ name, ...progress }).map(({ text }) => text);
    const message = [progress.state, ...texts.filter((text) => text !== '')].join(', ');
    logger.log({ level: 'info', runner: name, message });
  };
  const timer = setInterval(() => meter.sample().forEach(log), INTERVAL_MS);
  return () => clearInterval(timer);
}
