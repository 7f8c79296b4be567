import { setTimeout as sleep } from 'node:timers/promises';
import { SHAPES } from '../feed/shapes/index.mjs';
import { nowMs } from '../harness/clock.mjs';
import { figure } from '../harness/figure.mjs';
import { Pipeline, writeConfig } from '../harness/pipeline.mjs';
import { cpuSecondsOf, residentMiB } from '../harness/processes.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { ratiosOf } from '../harness/statistics.mjs';
import { createTempFolder } from '../harness/temp-folder.mjs';
import { TABLE } from './load.mjs';

const SHAPE = 'plain';
const RATE = 20_000;
const NUMBERS = [1, 10, 100];
/** After the last connection, so long until the clock starts: threads and their code have warmed up. */
const WARM_UP_MS = 3_000;
/** Of the full size; the window is as long as that many rows take at the rate. */
const PART = 10;

const nameOf = (number) => (number === 1 ? '1 consumer' : `${number} consumers`);

function runnersOf(url, number, count) {
  const names = Array.from({ length: number }, (_, index) => `feed_${index}`);
  const consumers = names.map((name) => ({
    name,
    type: 'consumer',
    variety: 'socket',
    uri: `${url}/${name}?rate=${RATE / number}&count=${count}`,
    table: TABLE,
  }));
  const producer = { name: 'warehouse', type: 'producer', variety: 'postgres', profile: 'postgres' };
  return [...consumers, { ...producer, depends_on: names }];
}

/** Messages that were sent between two moments. */
function sentBetween(ticks, fromMs, toMs) {
  const sentUntil = (atMs) => ticks.findLast(([, ms]) => ms <= atMs)?.[0] ?? 0;
  return sentUntil(toMs) - sentUntil(fromMs);
}

async function nextOfEach(feed, name, number) {
  const events = [];
  while (events.length < number) events.push(await feed.next(name));
  return events;
}

/** CPU and memory within the window; what was sent in it is told when the connections are gone. */
async function lookAt(pipeline, feed, { number, windowMs }) {
  await nextOfEach(feed, 'first', number);
  await sleep(WARM_UP_MS);
  const [fromMs, cpuBefore] = [nowMs(), cpuSecondsOf(pipeline.pid)];
  await sleep(windowMs);
  const [toMs, cpuAfter] = [nowMs(), cpuSecondsOf(pipeline.pid)];
  return { fromMs, toMs, cpuSeconds: cpuAfter - cpuBefore, rssMiB: residentMiB(pipeline.pid, 'VmRSS') };
}

/** A number of consumers at the same total rate, for a while. */
function contender(bench, feed, { number, windowMs }) {
  return async () => {
    const { database } = bench;
    await database.createTable(TABLE, SHAPES[SHAPE].columns);
    await database.reset([]);
    feed.forget();
    const folder = createTempFolder();
    try {
      writeConfig(folder.path, runnersOf(feed.url, number, RATE * 3_600), database.profile);
      return await window(folder.path, feed, { number, windowMs });
    } finally {
      folder.remove();
    }
  };
}

async function window(folder, feed, { number, windowMs }) {
  const pipeline = new Pipeline(folder, []);
  const seen = await pipeline
    .during(lookAt(pipeline, feed, { number, windowMs }))
    .finally(() => pipeline.kill());
  const { fromMs, toMs, cpuSeconds, rssMiB } = seen;
  const last = await nextOfEach(feed, 'last', number);
  const messages = last.reduce((sum, { ticks }) => sum + sentBetween(ticks, fromMs, toMs), 0);
  return {
    ms: toMs - fromMs,
    messages,
    cpuSeconds,
    cpuMicrosecondsEach: (cpuSeconds * 1e6) / messages,
    rssMiB,
  };
}

function figuresOf(series) {
  const of = (number, key) => valuesOf(series[nameOf(number)], key);
  const cost = (number) => of(number, 'cpuMicrosecondsEach');
  const most = NUMBERS.at(-1);
  const added = of(most, 'rssMiB').map(
    (mebibytes, round) => (mebibytes - of(1, 'rssMiB')[round]) / (most - 1),
  );
  const relative = (number, atMost) => ({
    name: `CPU a message with ${nameOf(number)} by that with 1`,
    unit: '×',
    value: ratiosOf(cost(number), cost(1)),
    goal: { atMost },
  });
  return [
    relative(10, 2),
    relative(100, 6),
    figure('memory of one more consumer', 'MiB', added, { goal: { atMost: 15 } }),
    ...NUMBERS.map((number) => figure(`CPU a message, ${nameOf(number)}`, 'µs', cost(number))),
  ];
}

/** @type {import('./index.mjs').Workload} */
export const w10 = {
  id: 'W10',
  title: `1, 10 and 100 consumers with ${RATE} messages/s together`,
  async run(bench) {
    const windowMs = Math.max(2_000, bench.options.rows / PART / (RATE / 1_000));
    const series = await bench.withFeed({ shape: SHAPE, count: RATE }, (feed) =>
      bench.alternate(
        Object.fromEntries(
          NUMBERS.map((number) => [nameOf(number), contender(bench, feed, { number, windowMs })]),
        ),
      ),
    );
    return { series, figures: figuresOf(series) };
  },
};
