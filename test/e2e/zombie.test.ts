import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../../scripts/postgres-server.mjs';
import { runnerOf } from '../support/cli.js';
import { createDatabase } from '../support/database.js';
import { startStoppingProxy } from '../support/stopping-proxy.js';
import { createWorkspace, writeProfile } from '../support/workspace.js';

const ROWS = 100_000;
/** More than comes before the COPY, less than its rows. */
const STOP_AFTER_BYTES = 1_000_000;

const CONFIG = `runners:
  - {name: rows, type: consumer, variety: file, path: rows.ndjson, batch_configuration: {size: ${ROWS}, bytes: 64MiB}}
  - {name: postgres, type: producer, variety: postgres, depends_on: [rows]}
`;
const IN_COPY = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND query LIKE 'COPY%' AND state = 'active' AND wait_event = 'ClientRead'`;

// A server of its own: while a COPY is stuck, CREATE DATABASE of other tests would wait for it.
let server: PostgresServer | undefined;

beforeAll(async () => {
  server = await startPostgres();
  process.env.SOCKET_EL_TEST_POSTGRES = server.url;
}, 60_000);

afterAll(() => server?.stop());

test('a COPY of a loader that died on the other side of a frozen network does not hold up the next', async () => {
  const database = await createDatabase();
  const proxy = await startStoppingProxy(database.profile(), STOP_AFTER_BYTES);
  const workspace = await createWorkspace(CONFIG, database.profile(proxy));
  const lines = Array.from({ length: ROWS }, (_, n) => `{"n":${n},"text":"row ${n} of a big batch"}\n`);
  await writeFile(join(dirname(workspace.configPath), 'rows.ndjson'), lines.join(''));

  const dead = workspace.run();
  let before: number | undefined;
  const findStuck = async () => {
    const [found] = await database.query<{ pid: number }>(IN_COPY);
    const isStuck = found !== undefined && found.pid === before;
    before = found?.pid;
    return isStuck && found.pid;
  };
  const options = { timeoutMs: 30_000, intervalMs: 300, what: 'a COPY that waits for its client' };
  const pid = await dead.whileRunning(findStuck, options);
  dead.signal('SIGKILL');
  await dead.exited;
  expect(await database.query(IN_COPY)).toEqual([{ pid }]);

  await writeProfile(workspace.home, database.profile());
  const next = workspace.run();
  await next.expectExit(0, 60_000);
  expect(next.stderr).toMatch(new RegExp(`warn: .*ended the server's process ${pid}\\b`));
  expect(runnerOf(next.summary(), 'postgres')).toMatchObject({ loaded: ROWS, dead: 0, restarts: 0 });
  expect(await database.count('test.rows')).toBe(ROWS);
  const wrong = await database.query(
    `SELECT n FROM generate_series(0, ${ROWS - 1}) AS n FULL JOIN test.rows USING (n)
      WHERE text IS DISTINCT FROM 'row ' || n || ' of a big batch'`,
  );
  expect(wrong).toEqual([]);
}, 120_000);
