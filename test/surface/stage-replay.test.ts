import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { drives } from '../support/drives.js';
import { createPipelineBench, type PipelineBench } from '../support/pipeline-bench.js';

const TRADES = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' };
const QUOTES = { ...TRADES, name: 'quotes', path: 'quotes.ndjson' };

/** A batch each of two consumers, which was printed. */
async function createPrinted(): Promise<PipelineBench> {
  const screen = { name: 'screen', type: 'producer', variety: 'console', depends_on: ['trades', 'quotes'] };
  const bench = await createPipelineBench({
    config: { runners: [TRADES, QUOTES, screen] },
    files: { 'in.ndjson': '{"n":1}\n{"n":2}\n', 'quotes.ndjson': '{"q":1}\n' },
  });
  expect(await bench.rows()).toHaveLength(3);
  return bench;
}

/** Adds a second batch to the first consumer's, which is printed too. */
async function printAnother(bench: PipelineBench): Promise<void> {
  await appendFile(join(bench.folder, TRADES.path), '{"n":3}\n');
  expect(await bench.rows()).toEqual([{ n: 3 }]);
}

async function replay(bench: PipelineBench, ...args: readonly string[]): Promise<string> {
  return (await bench.cli(0, 'stage', 'replay', 'config.yml', ...args)).stdout;
}

/** What is printed anew after a replay. */
async function printedAgain(bench: PipelineBench, ...args: readonly string[]): Promise<readonly object[]> {
  await replay(bench, 'screen', ...args);
  return bench.rows();
}

drives('verb stage replay', 'a producer reads again everything that is kept', async () => {
  const rows = await printedAgain(await createPrinted());
  expect(rows).toHaveLength(3);
  expect(rows).toEqual(expect.arrayContaining([{ n: 1 }, { n: 2 }, { q: 1 }]));
});

drives('flag stage replay --consumer', 'one stage, and no other', async () => {
  expect(await printedAgain(await createPrinted(), '--consumer', 'quotes')).toEqual([{ q: 1 }]);
});

drives('flag stage replay --from', 'nothing of the batches before', async () => {
  const bench = await createPrinted();
  await printAnother(bench);
  expect(await printedAgain(bench, '--from', '2')).toEqual([{ n: 3 }]);
});

drives('flag stage replay --since', 'nothing that was received before', async () => {
  const bench = await createPrinted();
  const since = new Date().toISOString();
  await printAnother(bench);
  expect(await printedAgain(bench, '--since', since)).toEqual([{ n: 3 }]);
});

drives('flag stage replay --json', 'one document', async () => {
  expect(JSON.parse(await replay(await createPrinted(), 'screen', '--json'))).toEqual([
    { consumer: 'trades', first: 1, batches: 1, messages: 2, forgotten: 0 },
    { consumer: 'quotes', first: 1, batches: 1, messages: 1, forgotten: 0 },
  ]);
});

interface Load {
  readonly bench: PipelineBench;
  readonly database: TestDatabase;
  /** Runs the pipeline to its end, and gives the numbers in the table of a schema. */
  readonly load: (schema?: string) => Promise<readonly unknown[]>;
}

/** Two rows for a database. @param profileArguments those of its runs */
async function createLoad(settings: object = {}, profileArguments: readonly string[] = []): Promise<Load> {
  const database = await createDatabase();
  const db = { name: 'db', type: 'producer', variety: 'postgres', depends_on: ['trades'], ...settings };
  const bench = await createPipelineBench({
    config: { runners: [TRADES, db] },
    files: {
      'in.ndjson': '{"id":1,"n":1}\n{"id":2,"n":2}\n',
      'a.yml': JSON.stringify({ postgres: database.profile({ schema: 'a' }) }),
      'b.yml': JSON.stringify({ postgres: database.profile({ schema: 'b' }) }),
    },
    profile: database.profile(),
  });
  const load = async (schema = 'test') => {
    await bench.cli(0, 'run', 'config.yml', '--no-progress', ...profileArguments);
    const rows = await database.query<{ n: number }>(`SELECT n::int FROM ${schema}.trades ORDER BY n`);
    return rows.map(({ n }) => n);
  };
  return { bench, database, load };
}

drives('flag stage replay --again', 'the sink takes rows that it holds once more', async () => {
  const { bench, load } = await createLoad();
  expect(await load()).toEqual([1, 2]);
  await replay(bench, 'db', '--again');
  expect(await load()).toEqual([1, 1, 2, 2]);
});

drives('flag stage replay --force', 'older rows take the place of newer ones', async () => {
  const { bench, database, load } = await createLoad({ write_disposition: 'merge', primary_key: ['id'] });
  await load();
  await database.query('UPDATE test.trades SET n = n + 10');
  await replay(bench, 'db', '--again', '--force');
  expect(await load()).toEqual([1, 2]);
});

drives('flag stage replay --profile-file', 'the entry of the last file says what forgets', async () => {
  const { bench, load } = await createLoad({}, ['--profile-file', 'b.yml']);
  expect(await load('b')).toEqual([1, 2]);
  await replay(bench, 'db', '--again', '--profile-file', 'a.yml', '--profile-file', 'b.yml');
  expect(await load('b')).toEqual([1, 1, 2, 2]);
});
