import { build } from '../scripts/build.mjs';
import { startPostgres } from '../scripts/postgres-server.mjs';
import { Bench } from './harness/bench.mjs';
import { Database } from './harness/database.mjs';
import { describeCommit, describeMachine, describeVersions } from './harness/machine.mjs';
import { readOptions, USAGE } from './options.mjs';
import { mergeResults, RESULTS_FILE, readResults, writeResults } from './report/results.mjs';
import { alignedLines, figureRows, HEADINGS } from './report/text.mjs';
import { WORKLOADS } from './workloads/index.mjs';

/**
 * @param {import('./workloads/index.mjs').Workload} workload
 * @param {Bench} bench
 * @param {Record<string, unknown>} run
 * @returns {Promise<import('./report/results.mjs').Result>}
 */
async function measure({ id, title, run: runWorkload }, bench, run) {
  console.log(`\n${id}  ${title}`);
  const { series, figures } = await runWorkload(bench);
  return { id, title, run: { ...run, at: new Date().toISOString() }, figures, series };
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {Database} database
 */
async function measureAll(options, database) {
  const { rows, rounds, only, out } = options;
  const bench = new Bench({ database, options, log: (line) => console.log(`  ${line}`) });
  const versions = describeVersions(database.server.version);
  const run = { commit: describeCommit(), rows, rounds, machine: describeMachine(), versions };
  const results = [];
  try {
    for (const workload of WORKLOADS.filter(({ id }) => only.includes(id))) {
      const result = await measure(workload, bench, run);
      results.push(result);
      // What is measured is kept, also when a later workload fails.
      if (out !== undefined) writeResults(out, mergeResults(readResults(out), [result]));
    }
  } finally {
    bench.close();
  }
  return results;
}

/** @param {readonly import('./report/results.mjs').Result[]} results */
function printResults(results) {
  const { machine, versions, commit } = results[0].run;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  console.log(
    `\n${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.os}; commit ${commit}`,
  );
  console.log(`${named.join(', ')}\n`);
  for (const line of alignedLines([HEADINGS, ...figureRows(results)])) console.log(line);
}

async function bench(options) {
  await build();
  const server = await startPostgres({ log: (line) => console.error(line) });
  const database = new Database(server);
  try {
    await database.open();
    printResults(await measureAll(options, database));
  } finally {
    await database.close();
    await server.stop();
  }
}

/** What runs is ended, and what was written removed, by listeners for the exit. */
function exitOnSignals() {
  for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 }))
    process.once(signal, () => process.exit(128 + number));
}

async function main() {
  const known = WORKLOADS.map(({ id }) => id);
  const options = readOptions(process.argv.slice(2), known, RESULTS_FILE);
  if (options.help) console.log(USAGE);
  else await bench(options);
}

exitOnSignals();
await main();
