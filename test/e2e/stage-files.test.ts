import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { startFeed } from '../support/live-feed.js';
import { readFacts } from '../support/stage-files.js';
import { createWorkspace } from '../support/workspace.js';

const COUNT = 600_000;
const UNUSED_PROFILE = { user: 'x', password: 'x', database: 'x', host: '127.0.0.1', port: 1, schema: 'x' };

interface Totals {
  readonly count: number;
  readonly sum: number;
}

/** What DuckDB counts and adds up over files, and nothing when there are none. */
async function queryFiles(paths: readonly string[]): Promise<Totals> {
  if (paths.length === 0) return { count: 0, sum: 0 };
  const list = paths.map((path) => `'${path}'`).join(', ');
  const reader = paths[0]?.endsWith('.parquet') ? 'read_parquet' : 'read_json';
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll(
    `SELECT count(*), sum(seq)::BIGINT FROM ${reader}([${list}])`,
  );
  connection.closeSync();
  const [count, sum] = answer.getRows()[0] as [bigint, bigint | null];
  return { count: Number(count), sum: Number(sum ?? 0) };
}

async function dataFiles(stage: string, ending: string): Promise<string[]> {
  const names = await readdir(join(stage, 'data')).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(stage, 'data', name));
}

/** Messages of the batches that lie in these files, as the manifest says. */
async function messagesIn(stage: string, paths: readonly string[]): Promise<number> {
  const facts = await readFacts(stage);
  const sealed = facts.filter(({ fact }) => fact === 'sealed');
  const isIn = (seq: number, segment: number) =>
    paths.some((path) => {
      const [from = 0, to] = (path.match(/\d{10}/g) ?? []).map(Number);
      return to === undefined ? segment === from : seq >= from && seq <= to;
    });
  return sealed
    .filter(({ seq, segment }) => isIn(Number(seq), Number(segment)))
    .reduce((sum, { messages }) => sum + Number(messages), 0);
}

/** The feed numbers from 0 on, and the stage keeps the order. */
function firstMessages(count: number): Totals {
  return { count, sum: Math.max(0, (count * (count - 1)) / 2) };
}

for (const [type, ending] of [
  ['local', '.ndjson'],
  ['parquet', '.parquet'],
] as const)
  test(`DuckDB finds the rolled messages while the run is receiving, and all of them after it (${type})`, async () => {
    const feed = await startFeed();
    await feed.openCounted('/trades', { seed: 7, count: COUNT });
    const config = `runners:
  - {name: trades, type: consumer, variety: socket, uri: '${feed.uri('/trades')}', stage: {type: ${type}, path: stage}}
`;
    const workspace = await createWorkspace(config, UNUSED_PROFILE);
    const stage = workspace.stageOf('stage', 'trades');
    const run = workspace.run('--max-messages', String(COUNT));
    const looks: { readonly found: Totals; readonly expected: Totals }[] = [];
    while (!run.hasExited) {
      const paths = await dataFiles(stage, ending);
      const found = await queryFiles(paths);
      const expected = firstMessages(await messagesIn(stage, paths));
      if (!run.hasExited) looks.push({ found, expected });
      await delay(200);
    }
    await run.expectExit(0);
    for (const { found, expected } of looks) expect(found).toEqual(expected);
    const seen = looks.map(({ found }) => found.count);
    const isPart = (count: number) => count > 0 && count < COUNT;
    expect(seen.some(isPart), 'some files were whole before the run was over').toBe(true);
    expect(await queryFiles(await dataFiles(stage, ending))).toEqual(firstMessages(COUNT));
  }, 90_000);
