import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONFIG, createVerbBench, type VerbBench } from './verbs.js';

const ROWS = ['{"id":1}', '{"id":2}', '{"id":3}'];

/** Three runs of the pipeline, so that there are three batches, each with one more row. */
async function threeBatches(): Promise<VerbBench> {
  const bench = await createVerbBench(ROWS.slice(0, 1));
  await bench.run();
  for (const count of [2, 3]) {
    await bench.write({ input: ROWS.slice(0, count) });
    await bench.run();
  }
  return bench;
}

async function ids({ database }: VerbBench): Promise<number[]> {
  const rows = await database.query<{ id: string }>('SELECT id FROM test.trades ORDER BY id');
  return rows.map(({ id }) => Number(id));
}

test('stage ls and show say what is staged and how far each producer is', async () => {
  const bench = await threeBatches();
  expect(await bench.cli(0, 'stage', 'ls')).toMatch(/trades +1-3 +27 B +- +db +3 +0 +0 B/);
  const [stage] = (await bench.json('stage', 'ls')) as Record<string, unknown>[];
  expect(stage).toMatchObject({ consumer: 'trades', first: 1, last: 3, bytes: 27, total_messages: 3 });
  const shown = await bench.json('stage', 'show', 'trades', '--last', '2');
  expect(shown).toMatchObject({
    readers: [{ name: 'db', in_config: true, passed: 3, waiting_batches: 0 }],
    batches: [{ seq: 2, messages: 1 }, { seq: 3 }],
  });
  expect(await bench.cli(0, 'stage', 'show', 'trades', '--batch', '2')).toBe('{"id":2}\n');
  expect(await bench.cli(2, 'stage', 'show', 'trades', '--batch', '9')).toContain('1 to 3, got 9');
  expect(await bench.cli(2, 'stage', 'show', 'trade')).toContain('did you mean trades?');
});

test('a stage that is not there yet is said to be so', async () => {
  const bench = await createVerbBench(ROWS);
  expect(await bench.cli(0, 'stage', 'ls')).toBe('nothing is staged yet\n');
  expect(await bench.cli(3, 'stage', 'show', 'trades')).toContain('there is none  [stage.missing]');
});

test('stage verify finds a changed byte, and says where', async () => {
  const bench = await threeBatches();
  expect(await bench.cli(0, 'stage', 'verify')).toBe(
    'trades: 3 batches, 3 messages, 0 Parquet files, sound\n',
  );
  const data = join(bench.workspace.stageOf('stage', 'trades'), 'data');
  const [name = ''] = (await readdir(data)).filter((each) => each.endsWith('.ndjson'));
  await writeFile(join(data, name), (await readFile(join(data, name), 'utf8')).replace('1', '7'));
  expect(await bench.cli(1, 'stage', 'verify', 'trades')).toContain(
    'batch 1 of trades: its bytes are not those',
  );
});

test('stage gaps lists nothing for a source that can be read again', async () => {
  const bench = await threeBatches();
  expect(await bench.cli(0, 'stage', 'gaps')).toBe('no gaps\n');
  expect(await bench.json('stage', 'gaps', 'trades')).toEqual([]);
});

test('stage replay adds nothing to a sink that holds it, and fills a new one', async () => {
  const bench = await threeBatches();
  const answer = await bench.json('stage', 'replay', 'db', '--from', '2');
  expect(answer).toEqual([{ consumer: 'trades', first: 2, batches: 2, messages: 2, forgotten: 0 }]);
  await bench.run();
  expect(await ids(bench)).toEqual([1, 2, 3]);
  await bench.database.query('DROP SCHEMA test CASCADE');
  expect(await bench.cli(0, 'stage', 'replay', 'db', '--since', '2020-01-01T00:00:00Z')).toContain(
    '3 batches',
  );
  await bench.run();
  expect(await ids(bench)).toEqual([1, 2, 3]);
  expect(await bench.cli(2, 'stage', 'replay', 'db', '--from', '1', '--since', '2020-01-01')).toContain(
    'got both',
  );
});

test('stage replay never passes over what is not loaded yet', async () => {
  const bench = await createVerbBench(ROWS.slice(0, 1));
  for (const count of [1, 2, 3]) {
    await bench.write({ input: ROWS.slice(0, count) });
    await bench.workspace.run('--only', 'trades').expectExit(0);
  }
  const whole = [{ consumer: 'trades', first: 1, batches: 3, messages: 3, forgotten: 0 }];
  for (const from of ['3', '9'])
    expect(await bench.json('stage', 'replay', 'db', '--from', from)).toEqual(whole);
  expect(await bench.json('stage', 'replay', 'db', '--since', '2099-01-01T00:00:00Z')).toEqual(whole);
  await bench.run();
  expect(await ids(bench)).toEqual([1, 2, 3]);
  const none = { first: 4, batches: 0, messages: 0 };
  expect(await bench.json('stage', 'replay', 'db', '--since', '2099-01-01T00:00:00Z')).toMatchObject([none]);
});

test('stage replay --again makes the sink forget, and adds the rows again', async () => {
  const bench = await threeBatches();
  const answer = await bench.json('stage', 'replay', 'db', '--from', '3', '--again');
  expect(answer).toMatchObject([{ first: 3, forgotten: 1 }]);
  await bench.run();
  expect(await ids(bench)).toEqual([1, 2, 3, 3]);
});

test('stage prune removes what is passed, and what was pruned cannot be replayed', async () => {
  const bench = await threeBatches();
  expect(await bench.json('stage', 'prune')).toEqual([{ consumer: 'trades', batches: 3, bytes: 27 }]);
  expect(await bench.cli(2, 'stage', 'replay', 'db', '--from', '1')).toContain('4 or later, got 1');
  await bench.write({ input: [...ROWS, '{"id":4}'] });
  await bench.run();
  expect(await ids(bench)).toEqual([1, 2, 3, 4]);
});

test('stage prune keeps the Parquet files unless told', async () => {
  const bench = await createVerbBench(ROWS);
  await bench.write({ config: CONFIG.replace('path: in.ndjson', 'path: in.ndjson, stage: {type: parquet}') });
  await bench.run();
  const data = join(bench.workspace.stageOf('stage', 'trades'), 'data');
  const isParquet = (name: string) => name.endsWith('.parquet');
  expect(await bench.json('stage', 'prune')).toMatchObject([{ batches: 1 }]);
  expect((await readdir(data)).every(isParquet)).toBe(true);
  await bench.cli(0, 'stage', 'prune', '--parquet');
  expect(await readdir(data)).toEqual([]);
});

test('stage forget lets go of a producer that is gone, and of no other', async () => {
  const bench = await threeBatches();
  expect(await bench.cli(2, 'stage', 'forget', 'db')).toContain('got "db", which does');
  await bench.write({ config: CONFIG.replace('name: db', 'name: other') });
  expect(await bench.cli(0, 'stage', 'ls')).toContain('db (not in the config)');
  expect(await bench.cli(0, 'stage', 'forget', 'db', '--consumer', 'trades')).toBe(
    'db is forgotten in trades\n',
  );
  expect(await bench.cli(2, 'stage', 'forget', 'db')).toContain('expected a producer that has a cursor');
});

test('a copied stage is blocked where it differs, and goes on as its own after stage rekey', async () => {
  const original = await threeBatches();
  const copy = await createVerbBench(ROWS, original.database);
  await original.copyStageTo(copy);
  await original.write({ input: [...ROWS, '{"id":4}'] });
  await original.run();
  await copy.write({ input: [...ROWS, '{"id":40}'] });
  const run = copy.workspace.run();
  await run.whileRunning(() => run.stderr.includes('this stage was copied'), {
    timeoutMs: 20_000,
    what: 'it is blocked',
  });
  const [, command = ''] = /socket-el (stage rekey .*)/.exec(run.stderr) ?? [];
  run.signal('SIGKILL');
  await run.exited;
  expect(command).toBe('stage rekey <config> trades --after 3');
  const answer = (await copy.json('stage', 'rekey', 'trades', '--after', '3')) as {
    id: string;
    before: string;
  };
  expect(answer.id).not.toBe(answer.before);
  await copy.run();
  expect(await ids(original)).toEqual([1, 2, 3, 4, 40]);
});
