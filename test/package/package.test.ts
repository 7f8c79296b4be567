import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { serverUrl } from '../support/database.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/package.mjs', import.meta.url));
const MAX_MS = 300_000;

/** Starts the check, which closes what it opened when it is told to stop. */
function startCheck(): Promise<{ readonly stdout: string }> {
  const env = { ...process.env, SOCKET_EL_TEST_POSTGRES: serverUrl().href };
  const running = promisify(execFile)(process.execPath, [SCRIPT], { env, encoding: 'utf8' });
  onTestFinished(async () => {
    running.child.kill('SIGTERM');
    await running.catch(() => {});
  });
  return running;
}

test(
  'the packed package is clean, has types, and does the quick start in an empty folder with an empty HOME',
  async () => {
    const { stdout } = await startCheck();
    expect(stdout).toMatch(/^package: \d+ files/m);
    expect(stdout).toMatch(/^quick start: \d{3} rows printed$/m);
    expect(stdout).toMatch(/^quick start: \d{3} rows in PostgreSQL$/m);
  },
  MAX_MS,
);
