import { join } from 'node:path';
import { speed } from '../harness/figure.mjs';
import { withPipeline } from '../harness/load-round.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { untilStaged } from '../harness/stage-facts.mjs';
import { countClient } from '../references/count-client.mjs';

const SHAPE = 'plain';
const SIZE = 50_000;

/** The consumer alone; the clock ends when its last batch is durable. */
function receiver(bench, feed, count) {
  const batch_configuration = { size: SIZE };
  const uri = `${feed.url}/received?count=${count}`;
  const runners = [{ name: 'trades', type: 'consumer', variety: 'socket', uri, batch_configuration }];
  const args = ['--max-messages', String(count)];
  return () => {
    feed.forget();
    return withPipeline({ runners, profile: bench.database.profile, args }, async (pipeline, folder) => {
      const { atMs: firstMs } = await feed.next('first');
      const seenMs = await untilStaged(join(folder, 'stage/trades'), 'sealed', count);
      return { ms: seenMs - firstMs, fromStartMs: seenMs - pipeline.startedMs };
    });
  };
}

/** @type {import('./index.mjs').Workload} */
export const w4 = {
  id: 'W4',
  title: 'receive only: WebSocket → durable stage',
  async run(bench) {
    const { rows: count } = bench.options;
    const series = await bench.withFeed({ shape: SHAPE, count }, (feed) =>
      bench.alternate({ 'socket-el': receiver(bench, feed, count), ws: countClient(feed, count) }),
    );
    const [theirs, ours] = ['ws', 'socket-el'].map((name) => valuesOf(series[name], 'ms'));
    const judged = { goal: { atLeast: 0.9 }, floor: 0.8 };
    return { series, figures: [speed('the ws client counting the same messages', { theirs, ours }, judged)] };
  },
};
