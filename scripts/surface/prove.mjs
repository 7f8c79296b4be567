import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../postgres-server.mjs';
import { ROOT } from '../root.mjs';
import { disable } from './disable.mjs';

const AT_ONCE = 2;
const POSTGRES = 'SOCKET_EL_TEST_POSTGRES';
/** A copy of the command in which nothing is disabled. */
const CONTROL = { kind: 'none', name: 'nothing', path: [] };

/**
 * Disables each entry in a copy of the command and runs the tests that drive it with that copy: each must fail. Before, all
 * of these tests must pass with a copy in which nothing is disabled.
 *
 * @param {import('./entries.mjs').Entry[]} entries
 * @param {import('./drivers.mjs').Driver[]} drivers
 * @returns {Promise<string[]>} what is wrong: entries that nobody missed
 */
export async function proveEntries(entries, drivers) {
  const folder = mkdtempSync(join(tmpdir(), 'socket-el-surface-'));
  const server = process.env[POSTGRES]
    ? { url: process.env[POSTGRES], stop: async () => {} }
    : await startPostgres({ log: (line) => console.error(line) });
  const names = new Set(entries.map(({ name }) => name));
  const place = { folder, url: server.url };
  try {
    const faults = await control(
      drivers.filter(({ entry }) => names.has(entry)),
      place,
    );
    return faults.length > 0 ? faults : await proveEach(entries, drivers, place);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function control(tests, place) {
  const { failed, passed, output } = await runWith(CONTROL, tests, place);
  console.log(`with nothing disabled ${passed} of their tests pass, ${failed} fail`);
  return failed === 0 && passed === tests.length
    ? []
    : [`expected ${tests.length} tests to pass:\n${output}`];
}

async function proveEach(entries, drivers, place) {
  const waiting = [...entries];
  const faults = [];
  const work = async () => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      const tests = drivers.filter((driver) => driver.entry === entry.name);
      const fault = faultOf(await runWith(entry, tests, place), tests.length);
      console.log(`${fault === undefined ? 'red' : 'NOT RED'}  ${entry.name}`);
      if (fault !== undefined) faults.push(`${entry.name}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return faults;
}

function faultOf({ failed, passed, isTouched, output }, count) {
  if (failed + passed !== count) return `expected ${count} tests to run:\n${output}`;
  if (!isTouched) return 'no test of it uses it';
  return failed === count ? undefined : 'disabled, and a test of it is still green';
}

/** Runs tests with a copy of the command. @returns how many failed and passed; `output` is what vitest said of it */
async function runWith(entry, tests, { folder, url }) {
  const own = join(folder, entry.name.replace(/\W+/g, '_'));
  const { bin, touchedFile } = disable(entry, own);
  const report = join(own, 'report.json');
  const output = await runVitest(tests, report, { SOCKET_EL_BIN: bin, [POSTGRES]: url });
  const { numFailedTests: failed = 0, numPassedTests: passed = 0 } = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : {};
  const result = { failed, passed, isTouched: existsSync(touchedFile), output };
  rmSync(own, { recursive: true, force: true });
  return result;
}

/** @returns {Promise<string>} what it wrote */
async function runVitest(tests, report, env) {
  const files = [...new Set(tests.map(({ file }) => file))];
  const names = [...new Set(tests.map(({ entry }) => entry.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')))];
  const args = ['run', '--project', 'all', ...files, '--testNamePattern', `\\[(${names.join('|')})\\]$`];
  const reporters = ['--reporter=json', `--outputFile.json=${report}`, '--reporter=dot'];
  const child = spawn(
    process.execPath,
    [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args, ...reporters],
    {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  await once(child, 'close');
  return Buffer.concat(output).toString('utf8');
}
