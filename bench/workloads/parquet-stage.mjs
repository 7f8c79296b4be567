import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { speed } from '../harness/figure.mjs';
import { writeMessages } from '../harness/finished-files.mjs';
import { withPipeline } from '../harness/load-round.mjs';
import { assertSameParquet } from '../harness/parquet-contents.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { untilStaged } from '../harness/stage-facts.mjs';
import { runWriter } from '../references/writer.mjs';

const SHAPE = 'plain';
/** parquetjs-lite is so slow that it gets a part of the rows, and its time counts as often. */
const PART = 10;
const OURS = 'socket-el';
const PARQUETJS = `parquetjs-lite, a ${PART}th of the rows, ${PART} times`;

/** The consumer alone; the clock ends when all messages stand in Parquet files. */
function stager(bench, feed, { count, reference }) {
  const uri = `${feed.url}/staged?count=${count}`;
  const stage = { type: 'parquet' };
  const runners = [{ name: 'trades', type: 'consumer', variety: 'socket', uri, stage }];
  const args = ['--max-messages', String(count)];
  const kept = join(bench.folder, 'staged');
  return async () => {
    feed.forget();
    const given = { runners, profile: bench.database.profile, args };
    const sample = await withPipeline(given, async (pipeline, folder) => {
      const { atMs: firstMs } = await feed.next('first');
      const seenMs = await untilStaged(join(folder, 'stage/trades'), 'converted', count);
      keepParquet(join(folder, 'stage/trades/data'), kept);
      return { ms: seenMs - firstMs, fromStartMs: seenMs - pipeline.startedMs };
    });
    await assertSameParquet(join(kept, '*.parquet'), reference);
    return sample;
  };
}

/** The run is still ending, and then its folder goes. */
function keepParquet(from, to) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  const names = readdirSync(from).filter((name) => name.endsWith('.parquet'));
  for (const name of names) copyFileSync(join(from, name), join(to, name));
}

async function compare(bench) {
  const { rows: count } = bench.options;
  const [whole, part, reference] = ['all.ndjson', 'part.ndjson', 'duckdb.parquet'].map((name) =>
    join(bench.folder, name),
  );
  await writeMessages(whole, { shape: SHAPE, count });
  await writeMessages(part, { shape: SHAPE, count: Math.ceil(count / PART) });
  await runWriter('duckdb-write.mjs', whole, reference);
  const parquetjs = async () => {
    const sample = await runWriter('parquetjs-write.mjs', part, join(bench.folder, 'parquetjs.parquet'));
    return { ...sample, ms: sample.ms * PART };
  };
  return bench.withFeed({ shape: SHAPE, count }, (feed) =>
    bench.alternate({
      [OURS]: stager(bench, feed, { count, reference }),
      DuckDB: () => runWriter('duckdb-write.mjs', whole, reference),
      [PARQUETJS]: parquetjs,
    }),
  );
}

/** @type {import('./index.mjs').Workload} */
export const w5 = {
  id: 'W5',
  title: 'WebSocket → Parquet stage',
  async run(bench) {
    const series = await compare(bench);
    const [ours, duckdb, parquetjs] = [OURS, 'DuckDB', PARQUETJS].map((name) => valuesOf(series[name], 'ms'));
    const started = (name) => valuesOf(series[name], 'fromStartMs');
    const figures = [
      speed('DuckDB, finished NDJSON to Parquet', { theirs: duckdb, ours }, { goal: { atLeast: 0.35 } }),
      speed('DuckDB, both with their start', { theirs: started('DuckDB'), ours: started(OURS) }),
      speed(
        'parquetjs-lite, finished NDJSON to Parquet',
        { theirs: parquetjs, ours },
        { goal: { atLeast: 10 } },
      ),
    ];
    return { series, figures };
  },
};
