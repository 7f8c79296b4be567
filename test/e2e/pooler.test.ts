import { appendFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type RunnerSummary, runnerOf } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { startPooler } from '../support/pooler.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const SOURCES = ['one', 'two', 'three'];
const ROWS = 15_000;

const CONFIG = `runners:
${SOURCES.map(
  (name) =>
    `  - {name: ${name}, type: consumer, variety: file, path: ${name}.ndjson, batch_configuration: {size: 100}}\n`,
).join('')}
  - name: postgres
    type: producer
    variety: postgres
    depends_on: [${SOURCES.join(', ')}]
    transaction: {max_rows: 500}
`;

interface Row {
  readonly n: number;
  readonly text: string;
  readonly late?: boolean;
}

function rowsOf(source: string, first: number): readonly Row[] {
  return Array.from({ length: ROWS }, (_, index) => {
    const n = first + index;
    // A column that comes in the middle of the run is added in a transaction of its own.
    return { n, text: `${source} ${n} ü`, ...(index >= ROWS / 2 && { late: n % 2 === 0 }) };
  });
}

async function append({ configPath }: Workspace, first: number): Promise<void> {
  for (const source of SOURCES) {
    const lines = rowsOf(source, first).map((row) => `${JSON.stringify(row)}\n`);
    await appendFile(join(dirname(configPath), `${source}.ndjson`), lines.join(''));
  }
}

async function load(workspace: Workspace): Promise<RunnerSummary> {
  const cli = workspace.run();
  await cli.expectExit(0, 60_000);
  expect(cli.stderr).not.toMatch(/warn|error/i);
  return runnerOf(cli.summary(), 'postgres');
}

function rowsIn(database: TestDatabase, source: string): Promise<{ row: Row }[]> {
  return database.query(
    `SELECT json_strip_nulls(json_build_object('n', n, 'text', text, 'late', late)) AS row
       FROM test.${source} ORDER BY n`,
  );
}

test('through a pooler in transaction mode every row is loaded once, whatever backend a transaction gets', async () => {
  const database = await createDatabase();
  const pooler = await startPooler(database.profile(), { backends: 2 });
  const workspace = await createWorkspace(CONFIG, database.profile(pooler));
  await database.query('CREATE SCHEMA test');
  for (const source of SOURCES)
    await database.query(
      `CREATE TABLE test.${source} (n int8, text text, backend int4 DEFAULT pg_backend_pid())`,
    );
  for (const first of [0, ROWS]) {
    await append(workspace, first);
    expect(await load(workspace)).toMatchObject({ loaded: SOURCES.length * ROWS, dead: 0, restarts: 0 });
  }
  for (const source of SOURCES) {
    const found = (await rowsIn(database, source)).map(({ row }) => row);
    expect(found).toEqual([...rowsOf(source, 0), ...rowsOf(source, ROWS)]);
  }
  for (const source of SOURCES) {
    const backends = await database.query(`SELECT DISTINCT backend FROM test.${source}`);
    expect(backends, 'both loaded each source').toHaveLength(2);
  }
}, 120_000);

test.each([
  ['password', { password: 'canary-wrong' }],
  ['role', { user: 'nobody_there' }],
])(
  'a wrong %s ends the run with exit 3 at a pooler too',
  async (_, wrong) => {
    const database = await createDatabase();
    const pooler = await startPooler(database.profile(), { backends: 1 });
    const workspace = await createWorkspace(CONFIG, database.profile({ ...pooler, ...wrong }));
    await append(workspace, 0);
    const cli = workspace.run();
    await cli.expectExit(3, 10_000);
    expect(cli.stderr).toMatch(/authentication failed[\s\S]*correct the password/);
  },
  30_000,
);
