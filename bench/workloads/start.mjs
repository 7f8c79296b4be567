import { ROOT } from '../../scripts/root.mjs';
import { SHAPES } from '../feed/shapes/index.mjs';
import { timedRun } from '../harness/child.mjs';
import { figure } from '../harness/figure.mjs';
import { loadingRunners, withPipeline } from '../harness/load-round.mjs';
import { SOCKET_EL } from '../harness/pipeline.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { ratiosOf } from '../harness/statistics.mjs';
import { TABLE } from './load.mjs';

const SHAPE = 'plain';
/** They are short, so there are more of them. */
const MORE_ROUNDS = 4;
const COUNT = 10_000;
const RATE = 10_000;
const [BARE, VERSION, VALIDATE, FIRST_ROW] = [
  'node -e 0',
  'socket-el --version',
  'socket-el validate',
  'socket-el run, first row',
];

function command(...args) {
  return () => timedRun(process.execPath, args, { cwd: ROOT });
}

/** From the start of the process until another connection sees a row. */
function firstRow({ database }, feed) {
  const uri = `${feed.url}/start?count=${COUNT}&rate=${RATE}`;
  const consumer = { table: TABLE, batch_configuration: { interval: '100ms' } };
  const runners = loadingRunners({ uri, size: COUNT, consumer });
  const args = ['--max-messages', String(COUNT)];
  return async () => {
    await database.createTable(TABLE, SHAPES[SHAPE].columns);
    await database.reset([]);
    return withPipeline({ runners, profile: database.profile, args }, async (pipeline) => {
      const seenMs = await database.untilLoaded(1);
      return { ms: seenMs - pipeline.startedMs };
    });
  };
}

/** @type {import('./index.mjs').Workload} */
export const w11 = {
  id: 'W11',
  title: 'start',
  async run(bench) {
    const validate = [SOCKET_EL, 'validate', 'config.example.yml', '--profile-file', 'profiles.example.yml'];
    const series = await bench.withFeed({ shape: SHAPE, count: COUNT }, (feed) =>
      bench.alternate(
        {
          [BARE]: command('-e', '0'),
          [VERSION]: command(SOCKET_EL, '--version'),
          [VALIDATE]: command(...validate),
          [FIRST_ROW]: firstRow(bench, feed),
        },
        MORE_ROUNDS * bench.options.rounds,
      ),
    );
    const times = (name) => valuesOf(series[name], 'ms');
    const relative = (name, atMost) => ({
      name: `${name} by ${BARE}`,
      unit: '×',
      value: ratiosOf(times(name), times(BARE)),
      goal: { atMost },
    });
    const committed = figure('run until the first row is committed', 'ms', times(FIRST_ROW), {
      goal: { atMost: 1_000 },
    });
    return { series, figures: [relative(VERSION, 2), relative(VALIDATE, 5), committed] };
  },
};
