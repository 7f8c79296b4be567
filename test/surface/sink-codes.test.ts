import { appendFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { drives } from '../support/drives.js';
import { createPipelineBench, type PipelineBench } from '../support/pipeline-bench.js';

interface Scene {
  readonly database: TestDatabase;
  readonly bench: PipelineBench;
}

/** Rows of a file into the table `test.trades`; `sql` is executed before. */
async function createScene({ rows = 1, sql = '', profile = {} } = {}): Promise<Scene> {
  const database = await createDatabase();
  if (sql !== '') await database.query(`CREATE SCHEMA test; ${sql}`);
  const runners = [
    { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' },
    { name: 'db', type: 'producer', variety: 'postgres', depends_on: ['trades'] },
  ];
  const bench = await createPipelineBench({
    config: { runners },
    files: { 'in.ndjson': Array.from({ length: rows }, (_, n) => `{"n":${n}}\n`).join('') },
    profile: database.profile(profile),
  });
  return { database, bench };
}

/** Loads what is there, and adds a row behind it. */
async function loadAndAdd({ bench }: Scene): Promise<void> {
  await bench.cli(0, 'run', 'config.yml', '--no-progress');
  await appendFile(join(bench.folder, 'in.ndjson'), '{"n":-1}\n');
}

/** Runs until it is said that the sink takes nothing; what is to be loaded waits meanwhile. */
async function expectSaid({ bench }: Scene, said: RegExp): Promise<void> {
  const cli = bench.start('run', 'config.yml', '--no-progress');
  await cli.whileRunning(() => said.test(cli.stderr), { timeoutMs: 20_000, what: String(said) });
}

/** A trigger on a new table `test.trades`, for each row or each statement. */
function withTrigger(when: string, body: string): string {
  return `CREATE TABLE test.trades (n bigint);
    CREATE FUNCTION test.interfere() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
    CREATE TRIGGER interfere ${when} EXECUTE FUNCTION test.interfere()`;
}

drives('code sink.connection', 'a server that is not there, asked again', async () => {
  const scene = await createScene({ profile: { port: 9 } });
  await expectSaid(scene, /warn: db: .*ECONNREFUSED.*trying again in \d+ ms {2}\[sink\.connection\]/);
});

drives('code sink.refused', 'a database that is not there', async () => {
  const { bench } = await createScene({ profile: { database: 'nowhere' } });
  const { stderr } = await bench.cli(3, 'run', 'config.yml');
  expect(stderr).toMatch(/error: db: failed: nowhere at .*3D000.* \[sink\.refused\]/);
});

drives('code sink.copied_stage', 'a copy of a stage that went on by itself', async () => {
  const scene = await createScene();
  const { bench, database } = scene;
  await loadAndAdd(scene);
  const copy = await createPipelineBench({ config: '', profile: database.profile() });
  await cp(bench.folder, copy.folder, { recursive: true });
  await bench.cli(0, 'run', 'config.yml');
  await appendFile(join(copy.folder, 'in.ndjson'), '{"n":-2}\n');
  await expectSaid(
    { database, bench: copy },
    /error: db: blocked, .* \[sink\.copied_stage\][\s\S]*stage rekey/,
  );
});

drives('code sink.ledger_behind', 'a schema that was emptied', async () => {
  const scene = await createScene();
  await loadAndAdd(scene);
  await scene.database.query('DROP SCHEMA test CASCADE');
  await expectSaid(
    scene,
    /error: db: .*ledger to hold batch 1 of trades.* \[sink\.ledger_behind\][\s\S]*stage replay/,
  );
});

drives('code sink.target_missing', 'a table that was dropped', async () => {
  const scene = await createScene();
  await loadAndAdd(scene);
  await scene.database.query('DROP TABLE test.trades');
  await expectSaid(scene, /error: db: .*it is gone {2}\[sink\.target_missing\][\s\S]*stage replay .*--again/);
});

drives('code sink.poison', 'a batch of which the server refuses every row', async () => {
  const scene = await createScene({ rows: 50, sql: 'CREATE TABLE test.trades (n bigint CHECK (n < 0))' });
  await expectSaid(scene, /error: db: blocked, .*it refuses 50: .* \[sink\.poison\][\s\S]*on_poison: dead/);
});

drives('code sink.row_count', 'a trigger that drops rows', async () => {
  const sql = withTrigger('BEFORE INSERT ON test.trades FOR EACH ROW', 'RETURN NULL;');
  await expectSaid(
    await createScene({ sql }),
    /error: db: blocked, .*to take 1 rows, it took 0 {2}\[sink\.row_count\]/,
  );
});

drives('code sink.statement', 'rows that are refused only together', async () => {
  const sql = withTrigger(
    'AFTER INSERT ON test.trades REFERENCING NEW TABLE AS added FOR EACH STATEMENT',
    "IF (SELECT count(*) FROM added) > 2 THEN RAISE 'too many'; END IF; RETURN NULL;",
  );
  const scene = await createScene({ rows: 3, sql });
  await expectSaid(scene, /error: db: blocked, .*too many.* \[sink\.statement\][\s\S]*none of them alone/);
});

drives('code sink.replan', 'a table that is never as it was planned', async () => {
  const sql = withTrigger(
    'BEFORE INSERT ON test.trades FOR EACH ROW',
    "RAISE 'no such column' USING ERRCODE = '42703';",
  );
  await expectSaid(await createScene({ sql }), /error: db: blocked, .*as it was planned.* \[sink\.replan\]/);
});
