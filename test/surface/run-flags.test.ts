import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Loading } from '../producers/postgres/loading.js';
import { BIN, type CliProcess, runnerOf } from '../support/cli.js';
import { createDatabase } from '../support/database.js';
import { drives } from '../support/drives.js';
import { serveHttp } from '../support/http-source.js';
import { createPipelineBench, type PipelineBench } from '../support/pipeline-bench.js';
import { serveSocket } from '../support/socket-source.js';
import { runTool } from '../support/tool.js';
import { until } from '../support/until.js';
import { createPrintingBench, startRun } from './printed.js';

const TWO_ROWS = { 'in.ndjson': '{"n":1}\n{"n":2}\n' };
const TRADES = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' };
const ENDLESS_MS = 20_000;

/** A file of two rows that is loaded by a producer of this kind. */
function createBench(producer: object, files: Readonly<Record<string, string>> = {}): Promise<PipelineBench> {
  const sink = { name: 'sink', type: 'producer', depends_on: ['trades'], ...producer };
  return createPipelineBench({ config: { runners: [TRADES, sink] }, files: { ...TWO_ROWS, ...files } });
}

const createFilesBench = () => createBench({ variety: 'file', path: 'out' });

/** Starts a run of a feed that sends a message now and then, or none, and does not end. */
async function startEndless(intervalMs: number | undefined, ...args: string[]): Promise<CliProcess> {
  const { uri } = await serveSocket((socket) => {
    if (intervalMs === undefined) return;
    const timer = setInterval(() => socket.send('{"n":1}'), intervalMs);
    socket.on('close', () => clearInterval(timer));
  });
  return startRun(await createPrintingBench({ variety: 'socket', uri }), ...args);
}

/** Where a run that serves its metrics does that. */
function metricsUrl(cli: CliProcess): Promise<string> {
  const found = () => /metrics at (http:\S+)\/metrics/.exec(cli.stderr)?.[1];
  return cli.whileRunning(found, { timeoutMs: 10_000, what: 'the address of the metrics' });
}

drives('verb run', 'rows are loaded', async () => {
  const bench = await createPrintingBench({ variety: 'file', path: 'in.ndjson' }, TWO_ROWS);
  expect(await bench.rows()).toEqual([{ n: 1 }, { n: 2 }]);
});

drives('flag run --only', 'other runners do nothing', async () => {
  const bench = await createFilesBench();
  await bench.cli(0, 'run', 'config.yml', '--only', 'trades');
  expect(await readdir(join(bench.folder, 'stage'))).toEqual(['trades']);
  expect(await readdir(bench.folder)).not.toContain('out');
});

drives('flag run --profile-file', 'the entry of the last file says where rows go', async () => {
  const database = await createDatabase();
  const fileOf = (schema: string) => JSON.stringify({ postgres: database.profile({ schema }) });
  const files = {
    'home/.socket_el/profile.yml': fileOf('usual'),
    'a.yml': fileOf('a'),
    'b.yml': fileOf('b'),
  };
  const bench = await createBench({ variety: 'postgres' }, files);
  await bench.cli(0, 'run', 'config.yml', '--profile-file', 'a.yml', '--profile-file', 'b.yml');
  expect(await database.count('b.trades')).toBe(2);
  expect([await database.hasTable('a.trades'), await database.hasTable('usual.trades')]).toEqual([
    false,
    false,
  ]);
});

drives('flag run --for', 'a run of a feed that does not end ends after so long', async () => {
  const cli = await startEndless(20, '--for', '1500ms');
  const { afterMs } = await cli.expectExit(0, ENDLESS_MS);
  expect(afterMs).toBeGreaterThan(1500);
});

drives('flag run --max-messages', 'a source that does not end ends with so many messages', async () => {
  const source = await serveHttp((_, n) => ({ body: { n } }));
  const bench = await createPrintingBench({ variety: 'http', uri: source.url, poll_interval: '50ms' });
  expect(await bench.rows('--max-messages', '3')).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
});

drives('flag run --json', 'standard output is a summary', async () => {
  const bench = await createFilesBench();
  const summary = (await bench.cli(0, 'run', 'config.yml', '--json')).summary();
  expect(summary).toMatchObject({ status: 'succeeded', ended_by: 'source' });
  expect([runnerOf(summary, 'trades').messages, runnerOf(summary, 'sink').loaded]).toEqual([2, 2]);
});

drives('flag run --log-format', 'each line of the log is a JSON object', async () => {
  const bench = await createFilesBench();
  const { stderr } = await bench.cli(0, 'run', 'config.yml', '--log-format', 'json');
  const events = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { message: string });
  expect(events.map(({ message }) => message)).toContainEqual(expect.stringContaining('trades → sink'));
});

drives('flag run --no-progress', 'a terminal shows the log and no live lines', async () => {
  const { folder, home } = await createFilesBench();
  const command = `${process.execPath} ${BIN} run config.yml --no-progress`;
  const env = { PATH: process.env.PATH, HOME: home, TERM: 'xterm' };
  const shown = await runTool('script', ['-qec', command, '/dev/null'], { cwd: folder, env });
  expect(shown).toContain('trades → sink');
  expect(shown).not.toContain('\u001b[');
});

drives('flag run --grace', 'a stop waits so long for a sink that does not take what is staged', async () => {
  const loading = await Loading.create();
  const { database } = loading;
  await database.query('CREATE TABLE test.rows (a int8)');
  const holder = await database.openSession();
  await holder.query('BEGIN; LOCK TABLE test.rows');
  await loading.append('{"a":1}');
  const cli = loading.start('--grace', '500ms');
  const waiting = `SELECT FROM pg_locks JOIN pg_database ON database = pg_database.oid
    WHERE NOT granted AND datname = current_database()`;
  const isWaiting = async () => (await database.query(waiting)).length > 0;
  await cli.whileRunning(isWaiting, { timeoutMs: 10_000, what: 'a load that waits' });
  const startedMs = performance.now();
  cli.signal('SIGTERM');
  await cli.expectExit(0, 15_000);
  expect(performance.now() - startedMs).toBeGreaterThan(500);
});

drives('flag run --metrics', 'counts are served while it runs', async () => {
  const cli = await startEndless(20, '--metrics', '127.0.0.1:0');
  const url = await metricsUrl(cli);
  const count = async () =>
    /socket_el_messages_total\{.*runner="trades".*\} ([1-9]\d*)/.exec(
      await (await fetch(`${url}/metrics`)).text(),
    );
  expect(await cli.whileRunning(count, { timeoutMs: 10_000, what: 'a count of messages' })).toBeTruthy();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

drives('flag run --stale-after', 'its health turns red when nothing came for so long', async () => {
  const cli = await startEndless(undefined, '--metrics', '127.0.0.1:0', '--stale-after', '1s');
  const url = await metricsUrl(cli);
  const red = async () => {
    const answer = await fetch(`${url}/healthz`);
    return answer.status === 503 ? answer.text() : undefined;
  };
  expect(await until(red, { timeoutMs: 15_000, what: 'health that is red' })).toMatch(
    /nothing received for \d+ s/,
  );
});
