import { SHAPES } from '../feed/shapes/index.mjs';
import { speed } from '../harness/figure.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { ratiosOf } from '../harness/statistics.mjs';
import { psqlCopy } from '../references/psql-copy.mjs';
import { loader, TABLE } from './load.mjs';

const PLAIN = 'plain';
const OTHERS = ['restyled', 'nested', 'varying', 'wide'];
/** Wide rows are five times as large, and there are five shapes. */
const PART = 4;
const SIZE = 50_000;
const REFERENCE = 'reference';

const oursOf = (shape) => `socket-el, ${shape}`;
const theirsOf = (shape) => `psql CSV, ${shape}`;

async function measureShape(bench, shape) {
  const count = Math.ceil(bench.options.rows / PART);
  const files = await bench.files({ shape, count });
  await bench.database.createTable(REFERENCE, SHAPES[shape].columns);
  const check = () => bench.database.assertFingerprint(TABLE, files.fingerprint);
  return bench.withFeed({ shape, count }, (feed) =>
    bench.alternate({
      [oursOf(shape)]: loader(bench, { feed, shape, count, size: SIZE, check }),
      [theirsOf(shape)]: psqlCopy(bench, { file: files.csv, format: 'CSV', table: REFERENCE }),
    }),
  );
}

function figuresOf(series) {
  const times = (shape) => ({
    theirs: valuesOf(series[theirsOf(shape)], 'ms'),
    ours: valuesOf(series[oursOf(shape)], 'ms'),
  });
  const ratios = (shape) => times(shape).theirs.map((theirs, round) => theirs / times(shape).ours[round]);
  const relative = (shape) => ({
    name: `${shape}: its ratio to psql \\copy CSV by that of plain rows`,
    unit: '×',
    value: ratiosOf(ratios(shape), ratios(PLAIN)),
    goal: { atLeast: 0.5 },
  });
  return [
    ...OTHERS.map(relative),
    ...[PLAIN, ...OTHERS].map((shape) => speed(`psql \\copy CSV, ${shape}`, times(shape))),
  ];
}

/** @type {import('./index.mjs').Workload} */
export const w7 = {
  id: 'W7',
  title: `restyled, nested, varying and wide rows, a ${PART}th as many`,
  async run(bench) {
    let series = {};
    for (const shape of [PLAIN, ...OTHERS]) series = { ...series, ...(await measureShape(bench, shape)) };
    return { series, figures: figuresOf(series) };
  },
};
