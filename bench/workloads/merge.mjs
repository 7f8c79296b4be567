import { join } from 'node:path';
import { SHAPES } from '../feed/shapes/index.mjs';
import { SCHEMA } from '../harness/database.mjs';
import { speed } from '../harness/figure.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { writeInserts } from '../references/insert-on-conflict.mjs';
import { loader, TABLE } from './load.mjs';

const SHAPE = 'keyed';
const KEY = 'id';
const SIZE = 50_000;
const REFERENCE = 'reference';
const [OURS, THEIRS] = ['socket-el, merge', 'INSERT … ON CONFLICT, 1,000 rows each'];

/** The half of the rows that is there already, in a table of its own. */
async function writeExisting({ database }, csv, count) {
  await database.createTable('existing', SHAPES[SHAPE].columns);
  await database.psql(['-c', `\\copy ${SCHEMA}.existing FROM '${csv}' CSV`]);
  await database.query(`DELETE FROM ${SCHEMA}.existing WHERE ${KEY} >= ${Math.floor(count / 2)}`);
  await database.query(`UPDATE ${SCHEMA}.existing SET price = price + 1, direction = 'old'`);
}

async function prepareTable({ database }, table) {
  await database.createTable(table, SHAPES[SHAPE].columns, [`PRIMARY KEY (${KEY})`]);
  await database.query(`INSERT INTO ${SCHEMA}.${table} SELECT * FROM ${SCHEMA}.existing ORDER BY ${KEY}`);
  await database.query(`VACUUM (ANALYZE) ${SCHEMA}.${table}`);
  await database.query('CHECKPOINT');
}

/** A file of statements in psql, each a transaction. */
function inserter(bench, file, fingerprint) {
  return async () => {
    await prepareTable(bench, REFERENCE);
    const run = await bench.database.psql(['-f', file]);
    await bench.database.assertFingerprint(REFERENCE, fingerprint);
    return run;
  };
}

async function compare(bench) {
  const { rows: count } = bench.options;
  const { csv, fingerprint } = await bench.files({ shape: SHAPE, count });
  const file = join(bench.folder, 'inserts.sql');
  await writeInserts(file, { table: `${SCHEMA}.${REFERENCE}`, shape: SHAPES[SHAPE], key: KEY, count });
  await writeExisting(bench, csv, count);
  const loading = {
    shape: SHAPE,
    count,
    size: SIZE,
    producer: { write_disposition: 'merge', primary_key: [KEY] },
    prepare: () => prepareTable(bench, TABLE),
    check: () => bench.database.assertFingerprint(TABLE, fingerprint),
  };
  return bench.withFeed({ shape: SHAPE, count }, (feed) =>
    bench.alternate({
      [OURS]: loader(bench, { ...loading, feed }),
      [THEIRS]: inserter(bench, file, fingerprint),
    }),
  );
}

/** @type {import('./index.mjs').Workload} */
export const w6 = {
  id: 'W6',
  title: 'merge by key, half of the rows conflicting',
  async run(bench) {
    const series = await compare(bench);
    const [ours, theirs] = [OURS, THEIRS].map((name) => valuesOf(series[name], 'ms'));
    const judged = { goal: { atLeast: 4 } };
    return { series, figures: [speed('INSERT … ON CONFLICT of 1,000 rows', { theirs, ours }, judged)] };
  },
};
