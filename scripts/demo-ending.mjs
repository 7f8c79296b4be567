import { constants } from 'node:os';

/** What a signal asked for has happened: everything is closed, and nothing failed. */
export class Stopped extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** @returns {AbortSignal} aborted by the first signal that asks us to stop, with `Stopped` as its reason */
export function watchStopSignals() {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(name, () => controller.abort(new Stopped(name)));
  return controller.signal;
}

/**
 * Closes everything that was opened, backwards; the first error does not keep the rest open.
 *
 * @param {(() => unknown)[]} opened
 */
export async function closeAll(opened) {
  const results = [];
  for (const close of opened.reverse()) results.push(...(await Promise.allSettled([close()])));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}
