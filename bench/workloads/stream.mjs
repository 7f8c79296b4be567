import { SHAPES } from '../feed/shapes/index.mjs';
import { figure, speed } from '../harness/figure.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { psqlCopy } from '../references/psql-copy.mjs';
import { loader } from './load.mjs';

const SHAPE = 'plain';

/** The contenders of W1 and W2, of which the sizes differ. */
async function streamed(bench, sizes) {
  const { rows: count } = bench.options;
  const files = await bench.files({ shape: SHAPE, count });
  await bench.database.createTable('reference', SHAPES[SHAPE].columns);
  const copy = (file, format) => psqlCopy(bench, { file, format, table: 'reference' });
  return bench.withFeed({ shape: SHAPE, count }, (feed) => {
    const given = { feed, shape: SHAPE, count, fingerprint: files.fingerprint };
    const ours = sizes.map((size) => [oursOf(size), loader(bench, { ...given, size })]);
    return bench.alternate({
      ...Object.fromEntries(ours),
      'psql CSV': copy(files.csv, 'CSV'),
      'psql BINARY': copy(files.binary, 'BINARY'),
    });
  });
}

const oursOf = (size) => `socket-el, size ${size}`;

function figuresOf(series, size, judged) {
  const times = (name, key = 'ms') => valuesOf(series[name], key);
  const [ours, fromStart] = [times(oursOf(size)), times(oursOf(size), 'fromStartMs')];
  const against = (format) => ({ theirs: times(`psql ${format}`), ours });
  return [
    speed(`psql \\copy CSV, size ${size}`, against('CSV'), judged),
    speed(`psql \\copy BINARY, size ${size}`, against('BINARY')),
    speed(`psql \\copy CSV, size ${size}, from our process's start`, {
      theirs: times('psql CSV'),
      ours: fromStart,
    }),
  ];
}

/** @type {import('./index.mjs').Workload} */
export const w1 = {
  id: 'W1',
  title: 'WebSocket → durable stage → committed in PostgreSQL with ledger, batches of 50,000',
  async run(bench) {
    const series = await streamed(bench, [50_000]);
    const peak = valuesOf(series[oursOf(50_000)], 'peakRssMiB');
    const figures = figuresOf(series, 50_000, { goal: { atLeast: 1 }, floor: 0.86 });
    return { series, figures: [...figures, figure('peak memory', 'MiB', peak)] };
  },
};

/** @type {import('./index.mjs').Workload} */
export const w2 = {
  id: 'W2',
  title: 'the same, batches of 1,000 and of 100',
  async run(bench) {
    const series = await streamed(bench, [1_000, 100]);
    const thousand = figuresOf(series, 1_000, { goal: { atLeast: 0.8 }, floor: 0.84 });
    return {
      series,
      figures: [...thousand, ...figuresOf(series, 100, { goal: { atLeast: 0.7 }, floor: 0.74 })],
    };
  },
};
