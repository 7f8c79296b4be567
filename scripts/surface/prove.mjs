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

/**
 * Disables each entry in a copy of the command and runs the tests that drive it with that copy.
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
  const waiting = [...entries.entries()];
  const faults = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, entry] = next;
      const tests = drivers.filter((driver) => driver.entry === entry.name);
      const fault = await proveEntry(entry, tests, { folder: join(folder, String(index)), url: server.url });
      console.log(`${fault === undefined ? 'red' : 'NOT RED'}  ${entry.name}`);
      if (fault !== undefined) faults.push(fault);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return faults;
}

async function proveEntry(entry, tests, { folder, url }) {
  const { bin, touchedFile } = disable(entry, folder);
  const result = await runTests(entry, tests, { folder, env: { SOCKET_EL_BIN: bin, [POSTGRES]: url } });
  const isTouched = existsSync(touchedFile) || entry.kind === 'code';
  rmSync(folder, { recursive: true, force: true });
  if (result.numTotalTests - result.numPendingTests === 0) return `${entry.name}: none of its tests ran`;
  if (!isTouched) return `${entry.name}: its test never uses it`;
  if (result.numFailedTests === 0) return `${entry.name}: disabled, and its test is still green`;
  return undefined;
}

/** @returns {Promise<{ numTotalTests: number, numFailedTests: number, numPendingTests: number }>} */
async function runTests(entry, tests, { folder, env }) {
  const report = join(folder, 'report.json');
  const files = [...new Set(tests.map(({ file }) => file))];
  const pattern = `\\[${entry.name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}\\]$`;
  const args = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'all', ...files];
  const child = spawn(
    process.execPath,
    [...args, '--testNamePattern', pattern, '--reporter=json', `--outputFile=${report}`],
    { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'ignore' },
  );
  await once(child, 'exit');
  return JSON.parse(readFileSync(report, 'utf8'));
}
