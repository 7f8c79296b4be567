import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { startPostgres } from './postgres-server.mjs';
import { ROOT } from './root.mjs';
import { runChild } from './run-child.mjs';
import { formatTally, readTally, TALLY_FILE } from './tally.mjs';

const POSTGRES = 'SOCKET_EL_TEST_POSTGRES';
const OTHER_POSTGRES = 'SOCKET_EL_TEST_OTHER_POSTGRES';

/** A server for the tests: the one whose address is in the environment, else one of our own. */
async function obtainPostgres() {
  const url = process.env[POSTGRES];
  if (!url) return startPostgres({ log: (line) => console.error(line) });
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new Error(`${POSTGRES}: expected postgres://…, got a value of another form`);
  return { url, stop: async () => {} };
}

/** The newest version, on which the sink's tests run too; none when the servers are given, or it is the only one. */
async function obtainOther(server) {
  if (process.env[POSTGRES]) return undefined;
  const other = await startPostgres({ version: 'embedded', log: (line) => console.error(line) });
  if (majorOf(other) !== majorOf(server)) return other;
  await other.stop();
  return undefined;
}

const majorOf = ({ version }) => Number.parseInt(/\d+/.exec(version)?.[0] ?? '', 10);

/**
 * @param {{ server: string, other: string | undefined }} urls
 * @param {string} tallyFile
 */
async function runVitest(urls, tallyFile) {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'scripts/tally-reporter.mjs')}`];
  // Variables for psql and the like would stand in for what a test leaves out of a profile.
  const own = Object.entries(process.env).filter(([name]) => !/^PG[A-Z]+$/.test(name));
  const env = {
    ...Object.fromEntries(own),
    [POSTGRES]: urls.server,
    [OTHER_POSTGRES]: urls.other ?? '',
    [TALLY_FILE]: tallyFile,
  };
  const args = [vitest, 'run', ...reporters, ...process.argv.slice(2)];
  // Vitest's workers would outlive a vitest that is killed or interrupted, and their tests with them.
  return runChild(process.execPath, args, { cwd: ROOT, env, detached: true });
}

/** @param {string} tallyFile */
async function runTests(tallyFile) {
  await build();
  const server = await obtainPostgres();
  let other;
  try {
    other = await obtainOther(server);
    return await runVitest({ server: server.url, other: other?.url }, tallyFile);
  } finally {
    await other?.stop();
    await server.stop();
  }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'socket-el-test-'));
  const tallyFile = join(folder, 'tally.json');
  try {
    process.exitCode = await runTests(tallyFile);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  const tally = readTally(tallyFile);
  rmSync(folder, { recursive: true, force: true });
  if (process.exitCode !== 0) tally.failed ||= 1;
  if (tally.failed > 0) process.exitCode ||= 1;
  console.log(formatTally(tally));
}

await main();
