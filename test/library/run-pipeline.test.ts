import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type * as Library from '../../src/index.js';
import { importBuilt } from '../support/built.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';

const { runPipeline } = await importBuilt<typeof Library>('index.js');

const TRADES = { name: 'trades', type: 'consumer', variety: 'file', path: 'trades.ndjson' };
const OUT = { name: 'out', type: 'producer', variety: 'file', path: 'out/{table}', depends_on: ['trades'] };

test('a pipeline of plain data runs, with paths relative to the folder that is given', async () => {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'trades.ndjson'), '{"n":1}\n{"n":2}\n');
  const summary = await runPipeline({ name: 'plain', runners: [TRADES, OUT] }, { folder, profileFiles: [] });
  expect(summary.status).toBe('succeeded');
  expect(summary.runners.map(({ name, messages }) => [name, messages])).toEqual([
    ['trades', 2],
    ['out', 2],
  ]);
});

test('a configuration file runs until the signal is aborted, and what was received by then is loaded', async () => {
  const folder = await createTempFolder();
  const plugin = join(folder, 'endless.js');
  await writeFile(
    plugin,
    `import { Consumer, defineVariety } from 'socket-el';
    class Endless extends Consumer {
      async run(signal) {
        for (let n = 0; !signal.aborted; n++) {
          await this.context.stage.put({ n });
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    }
    export const varieties = [defineVariety({ type: 'consumer', name: 'endless', summary: 'x', settings: {},
      create: (settings, context) => new Endless(settings, context) })];`,
  );
  const config = join(folder, 'c.json');
  const runners = [
    { name: 'ticks', type: 'consumer', variety: 'endless' },
    { ...OUT, depends_on: ['ticks'] },
  ];
  await writeFile(config, JSON.stringify({ plugins: ['./endless.js'], runners }));
  const stop = new AbortController();
  const running = runPipeline(config, { profileFiles: [], signal: stop.signal });
  await until(async () => (await readdir(join(folder, 'out/ticks'))).length > 0, { timeoutMs: 20_000 });
  stop.abort();
  const summary = await running;
  const [ticks, out] = summary.runners;
  expect(summary).toMatchObject({ status: 'succeeded', ended_by: 'signal' });
  expect(ticks?.messages).toBeGreaterThan(10);
  expect(out?.loaded).toBe(ticks?.messages);
});

test('what is wrong with a configuration is thrown with its place', async () => {
  const folder = await createTempFolder();
  const runners = [{ ...TRADES, pth: 'x' }, OUT];
  await expect(runPipeline({ runners }, { folder, profileFiles: [] })).rejects.toMatchObject({
    code: 'config.unknown_key',
    message: expect.stringContaining('runners[0].pth: unknown key "pth"'),
  });
});

test('events go to the logger that is given, without secrets', async () => {
  const folder = await createTempFolder();
  process.env['CANARY_PATH'] = 'canary-secret-path';
  const records: string[] = [];
  const runners = [{ ...TRADES, path: `\${env:CANARY_PATH}` }, OUT];
  const summary = await runPipeline(
    { runners },
    {
      folder,
      profileFiles: [],
      logger: { log: ({ message, hint }) => void records.push(`${message} ${hint}`) },
    },
  );
  expect(summary.status).toBe('failed');
  expect(records.join('\n')).toContain('expected a readable file');
  expect(records.join('\n')).not.toContain('canary-secret-path');
  expect(await readFile(join(folder, 'out'), 'utf8').catch(() => 'none')).toBe('none');
});
