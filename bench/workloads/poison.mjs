import { SHAPES } from '../feed/shapes/index.mjs';
import { POISON_EVERY } from '../feed/shapes/poisoned.mjs';
import { SCHEMA } from '../harness/database.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { ratiosOf } from '../harness/statistics.mjs';
import { loader, TABLE } from './load.mjs';

/** One batch. */
const COUNT = POISON_EVERY;
const [CLEAN, POISONED] = ['without', 'one poison row'];

/** The table refuses a negative volume. */
async function prepare({ database }) {
  await database.createTable(TABLE, SHAPES.plain.columns, ['CHECK (volume >= 0)']);
}

async function assertDead({ database }, dead) {
  const [row] = await database.query(
    `SELECT (SELECT count(DISTINCT timestamp) FROM ${SCHEMA}.${TABLE}) AS rows,
            (SELECT count(*) FROM ${SCHEMA}._socket_el_dead_letters) AS dead`,
  );
  if (Number(row.rows) === COUNT - dead && Number(row.dead) === dead) return;
  throw new Error(
    `${TABLE}: expected ${COUNT - dead} rows and ${dead} dead letters, found ${row.rows} and ${row.dead}`,
  );
}

function contender(bench, feed, { shape, dead }) {
  return loader(bench, {
    feed,
    shape,
    count: COUNT,
    size: COUNT,
    prepare: () => prepare(bench),
    check: () => assertDead(bench, dead),
  });
}

/** @type {import('./index.mjs').Workload} */
export const w12 = {
  id: 'W12',
  title: `one poison row in a batch of ${COUNT}`,
  async run(bench) {
    const series = await bench.withFeed({ shape: 'plain', count: COUNT }, (plain) =>
      bench.withFeed({ shape: 'poisoned', count: COUNT }, (poisoned) =>
        bench.alternate({
          [CLEAN]: contender(bench, plain, { shape: 'plain', dead: 0 }),
          [POISONED]: contender(bench, poisoned, { shape: 'poisoned', dead: 1 }),
        }),
      ),
    );
    const [clean, poisoned] = [CLEAN, POISONED].map((name) => valuesOf(series[name], 'ms'));
    const name = 'time with it by that without it; one row is dead';
    return { series, figures: [{ name, unit: '×', value: ratiosOf(poisoned, clean), goal: { atMost: 2 } }] };
  },
};
