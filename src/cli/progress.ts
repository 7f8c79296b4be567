import type { RunnerHandle } from '../engine/runner-handle.js';
import type { Logger } from '../utils/logger.js';

const INTERVAL_MS = 10_000;

/** Logs a line a runner every ten seconds. Returns how to stop. */
export function startProgress(handles: readonly RunnerHandle[], logger: Logger): () => void {
  const before = new Map<RunnerHandle, number>();
  const timer = setInterval(() => {
    for (const handle of handles) {
      const { runner, counters } = handle;
      const isConsumer = runner.type === 'consumer';
      const count = counters.get(isConsumer ? 'messages' : 'loaded');
      const perSecond = Math.round(((count - (before.get(handle) ?? 0)) * 1000) / INTERVAL_MS);
      before.set(handle, count);
      const what = isConsumer ? consumerText(handle, count) : producerText(handle, count);
      logger.log({ level: 'info', runner: runner.name, message: `${what}, ${grouped(perSecond)}/s` });
    }
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

function consumerText({ counters }: RunnerHandle, count: number): string {
  return `${grouped(count)} messages received, ${grouped(counters.get('gaps'))} gaps`;
}

function producerText({ counters }: RunnerHandle, count: number): string {
  return `${grouped(count)} rows loaded, ${grouped(counters.get('dead') + counters.get('messages_dead'))} dead`;
}

/** A count with its thousands apart. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
