import { setTimeout as sleep } from 'node:timers/promises';
import { SHAPES } from '../feed/shapes/index.mjs';
import { nowMs } from '../harness/clock.mjs';
import { figure } from '../harness/figure.mjs';
import { loadingRunners } from '../harness/load-round.mjs';
import { Pipeline, writeConfig } from '../harness/pipeline.mjs';
import { residentMiB } from '../harness/processes.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { spreadOf } from '../harness/statistics.mjs';
import { createTempFolder } from '../harness/temp-folder.mjs';
import { loader, TABLE } from './load.mjs';

const SHAPE = 'plain';
const SIZE = 50_000;
/** So many times the rows are received while the sink is down. */
const TIMES = 10;
const LOOK_MS = 200;
const OURS = 'socket-el';

/** W1's runs, for the most memory of each. */
async function peaks(bench, feed, count) {
  const { fingerprint } = await bench.files({ shape: SHAPE, count });
  const check = () => bench.database.assertFingerprint(TABLE, fingerprint);
  return bench.alternate({ [OURS]: loader(bench, { feed, shape: SHAPE, count, size: SIZE, check }) });
}

/**
 * Memory while the feed floods the stage and the database is away: `[ms since the first frame, MiB]`.
 *
 * @returns {Promise<[number, number][]>}
 */
async function memoryWithoutSink(bench, feed, messages) {
  const { database } = bench;
  await database.createTable(TABLE, SHAPES[SHAPE].columns);
  await database.close();
  await database.server.shutDown();
  const folder = createTempFolder();
  try {
    const uri = `${feed.url}/flood?count=${messages}`;
    writeConfig(folder.path, loadingRunners({ uri, size: SIZE }), database.profile);
    return await lookWhileSent(folder.path, feed);
  } finally {
    folder.remove();
    await database.server.restart();
    await database.open();
  }
}

async function lookWhileSent(folder, feed) {
  feed.forget();
  const pipeline = new Pipeline(folder, []);
  const looks = [];
  try {
    const { atMs: firstMs } = await pipeline.during(feed.next('first'));
    let isSent = false;
    const sent = feed.next('last').then(() => (isSent = true));
    for (; !isSent; await pipeline.during(sleep(LOOK_MS)))
      looks.push([nowMs() - firstMs, residentMiB(pipeline.pid, 'VmRSS')]);
    await sent;
  } finally {
    await pipeline.kill();
  }
  return looks;
}

/** The median between two parts of the time. */
function medianWithin(looks, from, to) {
  const end = looks.at(-1)[0];
  const within = looks.filter(([ms]) => ms >= from * end && ms <= to * end);
  return spreadOf(within.map(([, mebibytes]) => mebibytes)).median;
}

/** @type {import('./index.mjs').Workload} */
export const w9 = {
  id: 'W9',
  title: `memory: most of it in W1, and while ${TIMES} times the rows arrive and the sink is down`,
  async run(bench) {
    const { rows: count } = bench.options;
    return bench.withFeed({ shape: SHAPE, count }, async (feed) => {
      const series = await peaks(bench, feed, count);
      const looks = await memoryWithoutSink(bench, feed, TIMES * count);
      const growth = medianWithin(looks, 0.8, 1) / medianWithin(looks, 0.2, 0.4);
      bench.log(`sink down, ${TIMES * count} messages: ${growth.toFixed(3)} × the memory at the end`);
      const figures = [
        figure('most memory in W1', 'MiB', valuesOf(series[OURS], 'peakRssMiB'), { goal: { atMost: 200 } }),
        figure('sink down: memory of the last fifth by that of the second', '×', [growth], {
          goal: { atMost: 1.1 },
        }),
      ];
      const down = looks.map(([ms, rssMiB]) => ({ ms, rssMiB }));
      return { series: { ...series, 'sink down': down }, figures };
    });
  },
};
