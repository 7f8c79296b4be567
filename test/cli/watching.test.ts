import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli.js';
import { type LiveFeed, startFeed } from '../support/live-feed.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';

const BIN = fileURLToPath(new URL('../../bin/socket-el.js', import.meta.url));

interface Project {
  readonly folder: string;
  readonly feed: LiveFeed;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): CliProcess;
}

/** A pipeline of a live consumer, one of a feed that says nothing, and a producer into files; one.yml is without the silent one. */
async function createProject(): Promise<Project> {
  const folder = await createTempFolder();
  const feed = await startFeed();
  await feed.openLive('/trades', { seed: 1, rate: 200 });
  await feed.openCounted('/silent', { seed: 1, count: 0 });
  const trades = `  - {name: trades, type: consumer, variety: socket, uri: '${feed.uri('/trades')}', batch_configuration: {interval: 100ms}}`;
  const files = '  - {name: files, type: producer, variety: file, path: out, depends_on:';
  await writeFile(
    join(folder, 'c.yml'),
    `runners:
${trades}
  - name: silent
    type: consumer
    variety: socket
    uri: ${feed.uri('/silent')}
${files} [trades, silent]}
`,
  );
  await writeFile(join(folder, 'one.yml'), `runners:\n${trades}\n${files} [trades]}\n`);
  const start: Project['start'] = (args, env = {}) => startCli([...args], { home: folder, cwd: folder, env });
  return { folder, feed, start };
}

test('a feed that says nothing after connecting is told what most feeds want, with the line', async () => {
  const { start } = await createProject();
  const run = start(['run', 'c.yml', '--no-progress']);
  await until(() => run.stderr.includes('nothing received'), { timeoutMs: 15_000 });
  expect(run.stderr).toMatch(
    /silent: connected, nothing received for 10 s\n\s+→ most feeds want a message first, as in subscribe: .* {2}\(c\.yml:6\)/,
  );
  run.signal('SIGINT');
  await run.expectExit(0);
}, 30_000);

test('status says of another process what runs and what was received, and afterwards that it has stopped', async () => {
  const { start } = await createProject();
  const before = start(['status', 'c.yml']);
  await before.expectExit(0);
  expect(before.stdout).toMatch(/trades +never ran/);
  const run = start(['run', 'c.yml', '--no-progress']);
  await until(() => run.stderr.includes('trades: connected'), { timeoutMs: 10_000 });
  const during = start(['status', 'c.yml', '--json']);
  await during.expectExit(0);
  const { consumers, loads } = JSON.parse(during.stdout);
  expect(consumers[0]).toMatchObject({ name: 'trades', state: 'running', pid: run.pid });
  expect(consumers[0].messages_per_second).toBeGreaterThan(100);
  expect(consumers[0].messages_per_second).toBeLessThan(400);
  expect(loads[0]).toMatchObject({ name: 'files', consumer: 'trades', state: 'running' });
  expect(loads[0].bytes_per_second).toBeGreaterThan(1000);
  run.signal('SIGINT');
  await run.expectExit(0);
  const after = start(['status', 'c.yml']);
  await after.expectExit(0);
  expect(after.stdout).toMatch(/trades +stopped/);
  expect(after.stdout).toMatch(/files +stopped +trades +batch \d+ .* nothing/);
}, 30_000);

test('--metrics serves the counts, and health that turns red when nothing flows', async () => {
  const { start } = await createProject();
  const run = start(['run', 'c.yml', '--no-progress', '--metrics', '127.0.0.1:0', '--stale-after', '3s']);
  const url = await until(() => /metrics at (http:\S+)\/metrics/.exec(run.stderr)?.[1], {
    timeoutMs: 10_000,
  });
  await until(() => run.stderr.includes('silent: connected'), { timeoutMs: 10_000 });
  await until(async () => (await fetch(`${url}/readyz`)).status === 200, { timeoutMs: 5000 });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const count = /socket_el_messages_total\{pipeline="c",runner="trades",type="consumer"\} (\d+)/.exec(
    metrics,
  )?.[1];
  expect(Number(count)).toBeGreaterThan(0);
  await until(async () => (await fetch(`${url}/healthz`)).status === 503, { timeoutMs: 10_000 });
  const { ok, runners } = (await (await fetch(`${url}/readyz`)).json()) as { ok: boolean; runners: unknown };
  expect(ok).toBe(false);
  expect(runners).toMatchObject([
    { name: 'trades', state: 'working' },
    { name: 'silent', reason: expect.stringMatching(/^nothing received for \d+ s$/) },
    { name: 'files' },
  ]);
  expect((await fetch(`${url}/other`)).status).toBe(404);
  run.signal('SIGINT');
  await run.expectExit(0);
}, 40_000);

test('metrics for other machines want a token, and one that is asked for', async () => {
  const { start } = await createProject();
  const refused = start(['run', 'c.yml', '--metrics', '0.0.0.0:0']);
  await refused.expectExit(2);
  expect(refused.stderr).toContain('SOCKET_EL_METRICS_TOKEN');
  const run = start(['run', 'c.yml', '--no-progress', '--metrics', '0.0.0.0:0'], {
    SOCKET_EL_METRICS_TOKEN: 'canary-token',
  });
  const port = await until(() => /metrics at http:\/\/0\.0\.0\.0:(\d+)/.exec(run.stderr)?.[1], {
    timeoutMs: 10_000,
  });
  const url = `http://127.0.0.1:${port}/metrics`;
  const statusWith = async (token: string) =>
    (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
  expect([await statusWith('other'), await statusWith('canary-token')]).toEqual([401, 200]);
  run.signal('SIGINT');
  await run.expectExit(0);
  expect(run.stderr).not.toContain('canary-token');
}, 30_000);

test('on a terminal there is a line for each runner, and at the end one that balances', async () => {
  const { folder } = await createProject();
  // Long enough to be received and seen on a machine that is busy.
  const command = `stty cols 100 rows 20; NO_COLOR=1 ${process.execPath} ${BIN} run one.yml --max-messages 600`;
  const env = { ...process.env, HOME: folder, TERM: 'xterm' };
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env,
  });
  expect(stdout).toMatch(/● trades +\d+\/s +\d+ received +0 ignored +0 gaps +last \d\.\d s ago/);
  expect(stdout).toMatch(/✓ files +\d+\/s +\d+ loaded +0 dead +0 batches waiting/);
  const balance =
    /messages (\d+) = (\d+) decoded \+ 0 ignored {3}rows (\d+) = (\d+) loaded \+ 0 dead {3}0 gaps {3}0 staged/;
  const [, messages, decoded, rows, loaded] = balance.exec(stdout) ?? [];
  expect(Number(messages)).toBeGreaterThanOrEqual(600);
  expect([decoded, rows, loaded]).toEqual([messages, messages, messages]);
}, 30_000);

test('without a terminal, and with --log-format json, there are only lines', async () => {
  const { start } = await createProject();
  const run = start(['run', 'c.yml', '--for', '3s', '--log-format', 'json']);
  await run.expectExit(0);
  expect(run.stderr).not.toContain('\u001b');
  const events = run.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; message: string });
  expect(events.some(({ message }) => message.startsWith('messages '))).toBe(true);
});
