import { SHAPES } from '../feed/shapes/index.mjs';
import { figure } from '../harness/figure.mjs';
import { latenciesOf } from '../harness/latency.mjs';
import { loadingRunners, withPipeline } from '../harness/load-round.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { percentile } from '../harness/statistics.mjs';
import { TABLE } from './load.mjs';

const SHAPE = 'plain';
const RATE = 10_000;
const PART = 10;
/** The first seconds are those of a process that has just started. */
const WARM_UP = 2 * RATE;
const LOOK_MS = 2;
const OURS = 'socket-el';

/** Messages at a steady rate; the sample's `ms` is the median from sent to seen by another connection. */
function latency(bench, feed, count) {
  const uri = `${feed.url}/paced?count=${count}&rate=${RATE}`;
  const consumer = { table: TABLE, batch_configuration: { interval: '100ms' } };
  const runners = loadingRunners({ uri, size: count, consumer });
  const args = ['--max-messages', String(count)];
  return async () => {
    const { database } = bench;
    await database.createTable(TABLE, SHAPES[SHAPE].columns);
    await database.reset([]);
    feed.forget();
    return withPipeline({ runners, profile: database.profile, args }, async () => {
      const looks = [];
      await database.untilLoaded(count, (seen, atMs) => looks.push([seen, atMs]), LOOK_MS);
      const { ticks } = await feed.next('last');
      const latencies = latenciesOf(ticks, looks, WARM_UP);
      return { ms: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
    });
  };
}

/** @type {import('./index.mjs').Workload} */
export const w8 = {
  id: 'W8',
  title: `latency, sent → committed, at ${RATE} messages/s with interval: 100ms`,
  async run(bench) {
    const count = WARM_UP + Math.ceil(bench.options.rows / PART);
    const series = await bench.withFeed({ shape: SHAPE, count }, (feed) =>
      bench.alternate({ [OURS]: latency(bench, feed, count) }),
    );
    const figures = [
      figure('p50', 'ms', valuesOf(series[OURS], 'ms'), { goal: { atMost: 120 } }),
      figure('p99', 'ms', valuesOf(series[OURS], 'p99'), { goal: { atMost: 300 } }),
    ];
    return { series, figures };
  },
};
