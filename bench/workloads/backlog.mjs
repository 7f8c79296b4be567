import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SHAPES } from '../feed/shapes/index.mjs';
import { speed } from '../harness/figure.mjs';
import { loadingRunners, runIn } from '../harness/load-round.mjs';
import { Pipeline, writeConfig } from '../harness/pipeline.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { createTempFolder } from '../harness/temp-folder.mjs';
import { psqlCopy } from '../references/psql-copy.mjs';

const SHAPE = 'plain';
const SIZE = 50_000;
const OURS = 'socket-el';

/** Fills a stage by a run without the producer. */
async function fillStage(bench, folder, count) {
  await bench.withFeed({ shape: SHAPE, count }, async (feed) => {
    const uri = `${feed.url}/plain?count=${count}`;
    writeConfig(folder, loadingRunners({ uri, size: SIZE }), bench.database.profile);
    await new Pipeline(folder, ['--only', 'trades', '--max-messages', String(count)]).end();
  });
}

/** Loads the stage as if for the first time: neither stage nor ledger know of the round before. */
function loader(bench, folder, { count, fingerprint }) {
  const { database } = bench;
  return async () => {
    rmSync(join(folder, 'stage/trades/cursors'), { recursive: true, force: true });
    await database.reset(['trades']);
    const serverBefore = database.cpuSeconds();
    const sample = await runIn(folder, ['--only', 'warehouse'], async (pipeline) => {
      const seenMs = await database.untilLoaded(count);
      return { ms: seenMs - (await pipeline.ready), fromStartMs: seenMs - pipeline.startedMs };
    });
    const serverCpuSeconds = database.cpuSeconds() - serverBefore;
    await database.assertFingerprint('trades', fingerprint);
    return { ...sample, serverCpuSeconds };
  };
}

async function compare(bench, folder) {
  const { rows: count } = bench.options;
  const files = await bench.files({ shape: SHAPE, count });
  await fillStage(bench, folder, count);
  for (const table of ['trades', 'reference']) await bench.database.createTable(table, SHAPES[SHAPE].columns);
  return bench.alternate({
    [OURS]: loader(bench, folder, { count, fingerprint: files.fingerprint }),
    'psql CSV': psqlCopy(bench, { file: files.csv, format: 'CSV', table: 'reference' }),
    'psql BINARY': psqlCopy(bench, { file: files.binary, format: 'BINARY', table: 'reference' }),
  });
}

function figuresOf(series) {
  const ours = (key) => valuesOf(series[OURS], key);
  const [binary, csv] = ['psql BINARY', 'psql CSV'].map((name) => valuesOf(series[name], 'ms'));
  const judged = { goal: { atLeast: 0.95 }, floor: 0.85 };
  return [
    speed('psql \\copy BINARY, from when the sink is open', { theirs: binary, ours: ours('ms') }, judged),
    speed("psql \\copy BINARY, from our process's start", { theirs: binary, ours: ours('fromStartMs') }),
    speed('psql \\copy CSV, from when the sink is open', { theirs: csv, ours: ours('ms') }),
  ];
}

/** @type {import('./index.mjs').Workload} */
export const w3 = {
  id: 'W3',
  title: 'backlog only: staged messages → PostgreSQL',
  async run(bench) {
    const folder = createTempFolder();
    try {
      const series = await compare(bench, folder.path);
      return { series, figures: figuresOf(series) };
    } finally {
      folder.remove();
    }
  },
};
