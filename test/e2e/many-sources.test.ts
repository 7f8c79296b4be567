import { appendFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { runnerOf } from '../support/cli.js';
import { createDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { createWorkspace } from '../support/workspace.js';

const SOURCES = Array.from({ length: 12 }, (_, index) => `source_${index}`);
/** Longer than a connection may take to be made. */
const LOCKED_MS = 6500;

const CONFIG = `runners:
${SOURCES.map((name) => `  - {name: ${name}, type: consumer, variety: file, path: ${name}.ndjson}\n`).join('')}
  - {name: postgres, type: producer, variety: postgres, depends_on: [${SOURCES.join(', ')}]}
`;

test('twelve sources take turns with few connections, and waiting for one is no failure', async () => {
  const database = await createDatabase();
  const workspace = await createWorkspace(CONFIG, database.profile());
  const append = (n: number) =>
    Promise.all(
      SOURCES.map((name) =>
        appendFile(join(dirname(workspace.configPath), `${name}.ndjson`), `{"n":${n}}\n`),
      ),
    );
  await append(1);
  await workspace.run().expectExit(0);
  await append(2);
  await database.query('BEGIN');
  await database.query('LOCK TABLE test._socket_el_loads IN SHARE MODE');
  const cli = workspace.run();
  const areWaiting = async () =>
    (
      await database.query(
        "SELECT FROM pg_locks WHERE relation = 'test._socket_el_loads'::regclass AND NOT granted",
      )
    ).length >= 4;
  await cli.whileRunning(areWaiting, { timeoutMs: 10_000, what: 'four loads that wait' });
  const unlockAt = performance.now() + LOCKED_MS;
  await until(() => performance.now() > unlockAt, { timeoutMs: 2 * LOCKED_MS });
  await database.query('COMMIT');
  await cli.expectExit(0);
  expect(cli.stderr).not.toMatch(/warn/i);
  expect(runnerOf(cli.summary(), 'postgres')).toMatchObject({ loaded: 12, restarts: 0 });
  for (const name of SOURCES) {
    const rows = await database.query(`SELECT n::int FROM test.${name} ORDER BY n`);
    expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
  }
}, 60_000);
