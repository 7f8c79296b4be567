import { constants } from 'node:os';
import type { Supervisor } from '../engine/supervisor.js';
import type { Logger } from '../utils/logger.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The first signal drains; the second ends the process at once, as safe as SIGKILL. Returns how to stop listening. */
export function listenForSignals(supervisor: Supervisor, logger: Logger): () => void {
  let count = 0;
  // Invariant 6.
  const onSignal = (signal: (typeof SIGNALS)[number]) => {
    if (++count > 1) process.exit(128 + constants.signals[signal]);
    logger.log({
      level: 'info',
      message: `${signal}: stopping the sources and loading what is staged, within --grace; again: stop at once`,
    });
    supervisor.stop('signal');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
