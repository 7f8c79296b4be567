import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createTempFolder } from '../../support/temp-folder.js';
import { until } from '../../support/until.js';

const BIN = fileURLToPath(new URL('../../../bin/socket-el.js', import.meta.url));
const run = promisify(execFile);

const CONFIG = `runners:
  - {name: in, type: consumer, variety: stdin, batch_configuration: {interval: 50ms}}
  - {name: out, type: producer, variety: console, depends_on: [in]}
`;

async function folderWithConfig(): Promise<string> {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'c.yml'), CONFIG);
  return folder;
}

/** Runs a shell command in which $RUN runs the configuration. */
async function shell(command: string, folder: string): Promise<readonly string[]> {
  const env = { ...process.env, RUN: `${process.execPath} ${BIN} run c.yml --no-progress`, HOME: folder };
  const { stdout } = await run('sh', ['-c', command], { cwd: folder, env });
  return stdout.trim().split('\n');
}

test.each([
  ['a pipe', `printf '{"n":1}\\n\\n{"n":2}\\r\\n{"n":3}' | $RUN`],
  [
    'a pipe that is written slowly, and in the middle of lines',
    `(printf '{"n":'; sleep 1; printf '1}\\n{"n":2}\\n{"n":3}\\n') | $RUN`,
  ],
  ['a file', `printf '{"n":1}\\n{"n":2}\\n{"n":3}' > rows && $RUN < rows`],
])('what comes from %s is loaded, and its end ends the run', async (_, command) => {
  expect(await shell(command, await folderWithConfig())).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
});

test('an endless input is stopped by a signal, and what came is loaded', async () => {
  const folder = await folderWithConfig();
  const child = spawn(process.execPath, [BIN, 'run', 'c.yml', '--no-progress'], {
    cwd: folder,
    env: { ...process.env, HOME: folder },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let printed = '';
  child.stdout.on('data', (text) => {
    printed += text;
  });
  child.stdin.write('{"n":1}\n{"n":2}\n{"n"');
  await until(() => printed.includes('{"n":2}'), { timeoutMs: 10_000, what: 'what the source gives' });
  const startedMs = performance.now();
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(3000);
});
