import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { createPipelineBench, type PipelineBench } from '../support/pipeline-bench.js';

const consumer = (name: string) => ({ name, type: 'consumer', variety: 'file', path: `${name}.ndjson` });

/** Two consumers, of which each has a row that says where it is from, and these producers. */
function configOf(...producers: readonly object[]): object {
  return { runners: [consumer('trades'), consumer('quotes'), ...producers] };
}

function createBench(...producers: readonly object[]): Promise<PipelineBench> {
  const files = { 'trades.ndjson': '{"from":"trades","n":1.50}\n', 'quotes.ndjson': '{"from":"quotes"}\n' };
  return createPipelineBench({ config: configOf(...producers), files });
}

const screen = { name: 'screen', type: 'producer', variety: 'console', depends_on: ['trades'] };
const files = { ...screen, name: 'files', variety: 'file', path: 'out' };

/** Runs to the end and gives what is in the only file of a folder. */
async function onlyFile(bench: PipelineBench, folder: string): Promise<string> {
  await bench.cli(0, 'run', 'config.yml', '--no-progress');
  const names = await readdir(join(bench.folder, folder));
  expect(names).toHaveLength(1);
  return readFile(join(bench.folder, folder, names[0] as string), 'utf8');
}

drives('key producer name', 'under another name it loads what is staged again', async () => {
  const bench = await createBench(screen);
  expect(await bench.rows()).toHaveLength(1);
  expect(await bench.rows()).toEqual([]);
  const other = configOf({ ...screen, name: 'other' });
  await writeFile(join(bench.folder, 'config.yml'), JSON.stringify(other));
  expect(await bench.rows()).toEqual([{ from: 'trades', n: 1.5 }]);
});

drives('key producer type', 'variety file of this type writes and does not read', async () => {
  const bench = await createBench(files);
  expect(await onlyFile(bench, 'out')).toBe('{"from":"trades","n":1.50}\n');
});

drives('key producer variety', 'one kind prints rows, another writes them', async () => {
  const bench = await createBench(screen, { ...files, depends_on: ['quotes'] });
  expect(await bench.rows()).toEqual([{ from: 'trades', n: 1.5 }]);
  expect(await readdir(join(bench.folder, 'out'))).toHaveLength(1);
});

drives('key producer depends_on', 'only what these consumers staged is loaded', async () => {
  const bench = await createBench({ ...screen, depends_on: ['quotes'] });
  expect(await bench.rows()).toEqual([{ from: 'quotes' }]);
});

drives('key producer/file path', 'the folder of the files, by consumer', async () => {
  const bench = await createBench({ ...files, path: 'sorted/by-{consumer}' });
  expect(await onlyFile(bench, 'sorted/by-trades')).toBe('{"from":"trades","n":1.50}\n');
});

drives('key producer/file format', 'what the files are', async () => {
  const bench = await createBench({ ...files, format: 'csv' });
  expect(await onlyFile(bench, 'out')).toBe('from,n\ntrades,1.50\n');
});
