import { SHAPES } from '../feed/shapes/index.mjs';
import { speed } from '../harness/figure.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { hasPgloader, pgloader } from '../references/pgloader.mjs';
import { psqlCopy } from '../references/psql-copy.mjs';
import { scriptClient } from '../references/script-client.mjs';
import { loader, TABLE } from './load.mjs';

const SHAPE = 'plain';
const COLUMNS = SHAPES[SHAPE].columns;
const REFERENCE = 'reference';
const SCRIPT = 'a script of 20 lines';
const PGLOADER = 'pgloader';

/**
 * The contenders of W1 and W2, of which the sizes differ.
 *
 * @param {import('../harness/bench.mjs').Bench} bench
 * @param {readonly number[]} sizes
 * @param {typeof peers} more further contenders
 */
async function streamed(bench, sizes, more = () => ({})) {
  const { rows: count } = bench.options;
  const files = await bench.files({ shape: SHAPE, count });
  await bench.database.createTable(REFERENCE, COLUMNS);
  const check = () => bench.database.assertFingerprint(TABLE, files.fingerprint);
  return bench.withFeed({ shape: SHAPE, count }, (feed) => {
    const ours = sizes.map((size) => [
      oursOf(size),
      loader(bench, { feed, shape: SHAPE, count, size, check }),
    ]);
    return bench.alternate({
      ...Object.fromEntries(ours),
      'psql CSV': psqlCopy(bench, { file: files.csv, format: 'CSV', table: REFERENCE }),
      'psql BINARY': psqlCopy(bench, { file: files.binary, format: 'BINARY', table: REFERENCE }),
      ...more(bench, feed, files),
    });
  });
}

/**
 * What else could be used instead.
 *
 * @param {import('../harness/bench.mjs').Bench} bench
 * @param {import('../harness/feed.mjs').Feed} feed
 * @param {import('../harness/finished-files.mjs').FinishedFiles} files
 */
function peers(bench, feed, { csv, fingerprint }) {
  const { rows: count } = bench.options;
  const script = scriptClient(bench, { feed, count, table: REFERENCE, fingerprint });
  if (!hasPgloader()) return { [SCRIPT]: script };
  const loading = { file: csv, table: REFERENCE, columns: COLUMNS, fingerprint };
  return { [SCRIPT]: script, [PGLOADER]: pgloader(bench, loading) };
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

function peerFigures(series) {
  const ours = valuesOf(series[oursOf(50_000)], 'ms');
  const names = [SCRIPT, PGLOADER].filter((name) => series[name] !== undefined);
  return names.map((name) => speed(name, { theirs: valuesOf(series[name], 'ms'), ours }));
}

/** @type {import('./index.mjs').Workload} */
export const w1 = {
  id: 'W1',
  title: 'WebSocket → durable stage → committed in PostgreSQL with ledger, batches of 50,000',
  async run(bench) {
    const series = await streamed(bench, [50_000], peers);
    const figures = figuresOf(series, 50_000, { goal: { atLeast: 1 }, floor: 0.85 });
    return { series, figures: [...figures, ...peerFigures(series)] };
  },
};

/** @type {import('./index.mjs').Workload} */
export const w2 = {
  id: 'W2',
  title: 'the same, batches of 1,000 and of 100',
  async run(bench) {
    const series = await streamed(bench, [1_000, 100]);
    const thousand = figuresOf(series, 1_000, { goal: { atLeast: 0.8 }, floor: 0.7 });
    return {
      series,
      figures: [...thousand, ...figuresOf(series, 100, { goal: { atLeast: 0.7 }, floor: 0.55 })],
    };
  },
};
