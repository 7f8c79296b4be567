import type { Consumer } from '../../consumers/consumer.js';
import { sleep } from '../../utils/sleep.js';
import type { MemoryStage } from './memory-stage.js';

/** A consumer that has not ended by then is left behind. */
const LINGER_MS = 2000;

/** Why the look at a source was ended: a row was seen, or the wait was over. */
export type LookReason = 'enough' | 'wait';

/** How the look at a source ended. */
export type LookEnding =
  | { readonly by: LookReason | 'source' }
  | { readonly by: 'error'; readonly error: unknown };

/** Reads a source once, into a stage that keeps nothing, until `stop` is aborted or `waitMs` are over. */
export async function receive(
  consumer: Consumer,
  stage: MemoryStage,
  stop: AbortController,
  waitMs: number,
): Promise<LookEnding> {
  const { signal } = stop;
  const finished = new AbortController();
  const timer = setTimeout(() => stop.abort('wait' satisfies LookReason), waitMs);
  try {
    await Promise.race([readOnce(consumer, stage, signal), lingered(signal, finished.signal)]);
    return { by: signal.aborted ? (signal.reason as LookReason) : 'source' };
  } catch (error) {
    return signal.aborted ? { by: signal.reason as LookReason } : { by: 'error', error };
  } finally {
    clearTimeout(timer);
    finished.abort();
  }
}

/** A consumer with a `run` of its own puts by itself. */
async function readOnce(consumer: Consumer, stage: MemoryStage, signal: AbortSignal): Promise<void> {
  if (consumer.read === undefined) return consumer.run(signal);
  for await (const chunk of consumer.read(signal)) {
    await stage.put(chunk);
    if (signal.aborted) return;
  }
}

async function lingered(signal: AbortSignal, finished: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await sleep(LINGER_MS, finished);
}
