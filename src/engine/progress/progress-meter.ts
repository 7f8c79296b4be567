import type { Waiting } from '../../stages/upkeep/stage-watch.js';
import { LagHistogram } from '../../utils/lag-histogram.js';
import { RUNNER_STATES } from '../../utils/runner-state.js';
import type { RunnerHandle } from '../runner-handle.js';
import { Recent } from './recent.js';
import type { RunnerProgress } from './runner-progress.js';

const RATE_WINDOW_MS = 3000;
const LAG_WINDOW_MS = 60_000;
const LAG_STEP_MS = 1000;

interface History {
  readonly counts: Recent<number>;
  readonly lags: Recent<Float64Array>;
  lagsAtMs: number;
}

/** Measures how the runners of a run get on, from the counters that they share with the main thread. */
export class ProgressMeter {
  readonly #handles: readonly RunnerHandle[];
  readonly #histories = new Map<RunnerHandle, History>();
  #waiting: ReadonlyMap<string, Waiting> = new Map();

  constructor(handles: readonly RunnerHandle[]) {
    this.#handles = handles;
    for (const handle of handles) {
      const history = {
        counts: new Recent<number>(RATE_WINDOW_MS),
        lags: new Recent<Float64Array>(LAG_WINDOW_MS),
      };
      this.#histories.set(handle, { ...history, lagsAtMs: Number.NEGATIVE_INFINITY });
    }
  }

  /** Takes what waits for each producer, by its name. */
  setWaiting(waiting: ReadonlyMap<string, Waiting>): void {
    this.#waiting = waiting;
  }

  /** Call it several times a second: rates are told from the last few seconds' samples. @param nowMs a clock that does not step */
  sample(nowMs = performance.now()): readonly RunnerProgress[] {
    return this.#handles.map((handle) => this.#sampleOf(handle, nowMs));
  }

  #sampleOf(handle: RunnerHandle, nowMs: number): RunnerProgress {
    const { runner, counters, restarts } = handle;
    const receivedMs = counters.get('received_ms');
    const total = counters.get('progress_total');
    const isConsumer = runner.type === 'consumer';
    return {
      name: runner.name,
      type: runner.type,
      state: stateOf(handle),
      perSecond: this.#perSecond(handle, nowMs),
      messages: counters.get('messages'),
      bytes: counters.get('bytes'),
      batches: counters.get('batches'),
      rows: counters.get('rows'),
      loaded: counters.get('loaded'),
      dead: counters.get('dead') + counters.get('messages_dead'),
      ignored: isConsumer ? this.#ignoredOf(runner.name) : counters.get('messages_ignored'),
      gaps: counters.get('gaps'),
      restarts,
      silentMs: receivedMs === 0 ? undefined : Math.max(0, Date.now() - receivedMs),
      waiting: this.#waiting.get(runner.name),
      lag: this.#lagOf(handle, nowMs),
      share: total > 0 ? Math.min(1, counters.get('progress') / total) : undefined,
    };
  }

  #perSecond(handle: RunnerHandle, nowMs: number): number {
    const { counts } = this.#histories.get(handle) as History;
    const count = handle.counters.get(handle.runner.type === 'consumer' ? 'messages' : 'rows');
    counts.add(nowMs, count);
    const { atMs, value } = counts.oldest ?? { atMs: nowMs, value: count };
    return nowMs - atMs < 100 ? 0 : Math.max(0, ((count - value) * 1000) / (nowMs - atMs));
  }

  #lagOf(handle: RunnerHandle, nowMs: number): RunnerProgress['lag'] {
    const history = this.#histories.get(handle) as History;
    const now = handle.lags.snapshot();
    if (nowMs - history.lagsAtMs >= LAG_STEP_MS) {
      history.lags.add(nowMs, now);
      history.lagsAtMs = nowMs;
    }
    const before = history.lags.oldest?.value;
    const p50Ms = LagHistogram.quantile(0.5, now, before);
    const p99Ms = LagHistogram.quantile(0.99, now, before);
    return p50Ms === undefined || p99Ms === undefined ? undefined : { p50Ms, p99Ms };
  }

  /** Every producer decodes the messages for itself. */
  #ignoredOf(consumer: string): number {
    const counts = this.#handles.map(({ sourceCounters }) =>
      sourceCounters.get(consumer)?.get('messages_ignored'),
    );
    return Math.max(0, ...counts.filter((count) => count !== undefined));
  }
}

function stateOf({ ending, counters }: RunnerHandle): RunnerProgress['state'] {
  if (ending !== undefined) return 'error' in ending ? 'failed' : 'ended';
  return RUNNER_STATES[counters.get('state')] ?? 'starting';
}
