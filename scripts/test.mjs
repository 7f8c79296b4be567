import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { startPostgres } from './postgres-server.mjs';
import { ROOT } from './root.mjs';
import { runChild } from './run-child.mjs';
import { formatTally, readTally, TALLY_FILE } from './tally.mjs';

const POSTGRES = 'SOCKET_EL_TEST_POSTGRES';

/** A server for the tests: the one whose address is in the environment, else one of our own. */
async function obtainPostgres() {
  const url = process.env[POSTGRES];
  if (!url) return startPostgres({ log: (line) => console.error(line) });
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new Error(`${POSTGRES}: expected postgres://…, got a value of another form`);
  return { url, stop: async () => {} };
}

/**
 * @param {string} url
 * @param {string} tallyFile
 */
async function runVitest(url, tallyFile) {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'scripts/tally-reporter.mjs')}`];
  // Variables for psql and the like would stand in for what a test leaves out of a profile.
  const own = Object.entries(process.env).filter(([name]) => !/^PG[A-Z]+$/.test(name));
  const env = { ...Object.fromEntries(own), [POSTGRES]: url, [TALLY_FILE]: tallyFile };
  const args = [vitest, 'run', ...reporters, ...process.argv.slice(2)];
  // Vitest's workers would outlive a vitest that is killed or interrupted, and their tests with them.
  return runChild(process.execPath, args, { cwd: ROOT, env, detached: true });
}

/** @param {string} tallyFile */
async function runTests(tallyFile) {
  await build();
  const server = await obtainPostgres();
  try {
    return await runVitest(server.url, tallyFile);
  } finally {
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
