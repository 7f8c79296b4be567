import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { RunnerProgress } from '../../engine/progress/runner-progress.js';

/** Every count of a run, under the name that it has in Prometheus without `socket_el_` and `_total`. */
const COUNTS = {
  messages: ['Messages received by a consumer, or passed by a producer.', (runner) => runner.messages],
  message_bytes: ['Bytes of those messages.', (runner) => runner.bytes],
  batches: ['Batches sealed or loaded.', (runner) => runner.batches],
  rows: ['Rows decoded by a producer.', (runner) => runner.rows],
  rows_loaded: ['Rows that are in the sink.', (runner) => runner.loaded],
  dead_letters: ['Messages and rows set aside.', (runner) => runner.dead],
  messages_ignored: ['Messages that a rule passes over.', (runner) => runner.ignored],
  gaps: ['Intervals without reception.', (runner) => runner.gaps],
  restarts: ['Times that a runner was started again.', (runner) => runner.restarts],
} as const satisfies Readonly<Record<string, readonly [string, (runner: RunnerProgress) => number]>>;

type Gauged = readonly [string, (runner: RunnerProgress) => number | undefined];

const GAUGES: Readonly<Record<string, Gauged>> = {
  up: ['1 while a runner works or has ended well.', ({ state }) => (isUp(state) ? 1 : 0)],
  waiting_batches: ['Batches that a producer has not loaded.', ({ waiting }) => waiting?.batches],
  waiting_bytes: ['Bytes of messages that a producer has not loaded.', ({ waiting }) => waiting?.bytes],
  silent_seconds: [
    'Seconds since a consumer received, or a producer loaded.',
    ({ silentMs }) => silentMs && silentMs / 1000,
  ],
  lag_p50_seconds: [
    'From reception to commit over the last minute, median.',
    ({ lag }) => lag && lag.p50Ms / 1000,
  ],
  lag_p99_seconds: [
    'From reception to commit over the last minute, 99th percentile.',
    ({ lag }) => lag && lag.p99Ms / 1000,
  ],
};

const LABELS = ['pipeline', 'runner', 'type'] as const;

/** The registry of a run; its values are those of the moment at which it is asked. */
export function createRegistry(pipeline: string, sample: () => readonly RunnerProgress[]): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const labelsOf = ({ name, type }: RunnerProgress) => ({ pipeline, runner: name, type });
  for (const [name, [help, read]] of Object.entries(COUNTS)) {
    const counter = new Counter({
      name: `socket_el_${name}_total`,
      help,
      labelNames: LABELS,
      registers: [register],
      collect: () => {
        counter.reset();
        for (const runner of sample()) counter.inc(labelsOf(runner), read(runner));
      },
    });
  }
  for (const [name, [help, read]] of Object.entries(GAUGES)) {
    const gauge = new Gauge({
      name: `socket_el_${name}`,
      help,
      labelNames: LABELS,
      registers: [register],
      collect: () => {
        gauge.reset();
        for (const runner of sample()) {
          const value = read(runner);
          if (value !== undefined) gauge.set(labelsOf(runner), value);
        }
      },
    });
  }
  return register;
}

function isUp(state: RunnerProgress['state']): boolean {
  return state === 'working' || state === 'ended';
}
