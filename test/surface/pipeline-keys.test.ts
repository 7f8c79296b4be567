import { expect } from 'vitest';
import { createDatabase } from '../support/database.js';
import { drives } from '../support/drives.js';
import { createPipelineBench, type PipelineFiles } from '../support/pipeline-bench.js';

const TRADES = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' };
const SCREEN = { name: 'screen', type: 'producer', variety: 'console', depends_on: ['trades'] };
const INPUT = { 'in.ndjson': '{"p":1}\n' };

const PLUGIN = `
import { Consumer, defineVariety } from 'socket-el';

class Three extends Consumer {
  async *read() {
    for (const n of [1, 2, 3]) yield this.chunk(JSON.stringify({ n }));
  }
}

export const varieties = [
  defineVariety({ type: 'consumer', name: 'three', summary: 'Three.', settings: {},
    create: (settings, context) => new Three(settings, context) }),
];
`;

async function rowsOf(pipeline: PipelineFiles): Promise<readonly Record<string, unknown>[]> {
  return (await createPipelineBench(pipeline)).rows();
}

drives('key name', 'what its connections call themselves', async () => {
  const database = await createDatabase();
  await database.query(`CREATE SCHEMA test;
    CREATE TABLE test.trades (p int8, loaded_by text DEFAULT current_setting('application_name'))`);
  const warehouse = { name: 'warehouse', type: 'producer', variety: 'postgres', depends_on: ['trades'] };
  const bench = await createPipelineBench({
    config: { name: 'market_data', runners: [TRADES, warehouse] },
    files: INPUT,
    profile: database.profile(),
  });
  await bench.cli(0, 'run', 'config.yml');
  const [row] = await database.query<{ loaded_by: string }>('SELECT loaded_by FROM test.trades');
  expect(row?.loaded_by).toMatch(/^socket-el market_data warehouse\b/);
});

drives('key plugins', 'rows of a variety that a module adds', async () => {
  const trades = { name: 'trades', type: 'consumer', variety: 'three' };
  const rows = await rowsOf({
    config: { plugins: ['./three.mjs'], runners: [trades, SCREEN] },
    files: { 'three.mjs': PLUGIN },
  });
  expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

drives('key defaults', 'a setting of every consumer that does not give it itself', async () => {
  const own = { ...TRADES, name: 'own', rename: { p: 'cost' } };
  const screen = { ...SCREEN, depends_on: ['trades', 'own'] };
  const defaults = { consumer: { rename: { p: 'price' } } };
  const rows = await rowsOf({ config: { defaults, runners: [TRADES, own, screen] }, files: INPUT });
  expect(rows).toHaveLength(2);
  expect(rows).toEqual(expect.arrayContaining([{ price: 1 }, { cost: 1 }]));
});

drives('key runners', 'a consumer and a producer run', async () => {
  expect(await rowsOf({ config: { runners: [TRADES, SCREEN] }, files: INPUT })).toEqual([{ p: 1 }]);
});

drives('key x-…', 'an anchor that a runner refers to', async () => {
  const config = `x-names: &names {p: price}
runners:
  - {name: trades, type: consumer, variety: file, path: in.ndjson, rename: *names}
  - {name: screen, type: producer, variety: console, depends_on: [trades]}
`;
  expect(await rowsOf({ config, files: INPUT })).toEqual([{ price: 1 }]);
});
