import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convertBatches, type ParquetTask } from '../../../src/stages/parquet/convert-batches.js';
import type { Batch } from '../../../src/stages/stage.js';
import { nodeStageFs, type StageFs } from '../../../src/stages/stage-fs.js';
import { readRowCount } from '../../../src/utils/parquet/read-row-count.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { contentOf, settingsOf } from '../../utils/columns/decoding.js';
import { CrashingFs } from '../crashing-fs.js';
import { valuesInDuckDb } from './reading.js';

function batchOf(seq: number, lines: readonly string[]): Batch {
  const content = contentOf(lines);
  const batch: Partial<Batch> = { stageId: 'stage-1', consumer: 'trades', seq, read: async () => content };
  return batch as Batch;
}

const BATCHES = [batchOf(3, ['{"a":1}', '{"t":"hb"}']), batchOf(4, ['{"a":', '[{"a":2,"b":"x"},7]'])];

async function taskIn(folder: string, more: Partial<ParquetTask> = {}): Promise<ParquetTask> {
  const decode = settingsOf({ ignore: [{ '/t': 'hb' }] });
  return { path: join(folder, '3-4.parquet'), decode, types: [], ...more };
}

test('successive batches become one durable file that says where it is from', async () => {
  const folder = await createTempFolder();
  const task = await taskIn(folder);
  const conversion = await convertBatches(nodeStageFs, BATCHES, task);
  expect(conversion).toEqual({
    file: task.path,
    rows: 2,
    deadRows: 1,
    messages: { decoded: 2, ignored: 1, dead: 1 },
    types: [
      ['a', 'int64'],
      ['b', 'text'],
    ],
  });
  expect(JSON.parse(JSON.stringify(conversion))).toEqual(conversion);
  expect(await valuesInDuckDb(`SELECT * FROM '${task.path}'`)).toEqual({ a: [1n, 2n], b: [null, 'x'] });
  const metadata = `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${task.path}')`;
  expect(await valuesInDuckDb(metadata)).toEqual({
    key: ['socket_el.stage_id', 'socket_el.consumer', 'socket_el.from_seq', 'socket_el.to_seq'],
    value: ['stage-1', 'trades', '3', '4'],
  });
  expect(await readdir(folder)).toEqual(['3-4.parquet']);
});

test('batches without a row make no file and keep the known types', async () => {
  const folder = await createTempFolder();
  const types = [['a', 'int64']] as const;
  const conversion = await convertBatches(
    nodeStageFs,
    [batchOf(1, ['{"t":"hb"}', 'x'])],
    await taskIn(folder, { types }),
  );
  expect(conversion).toEqual({
    file: undefined,
    rows: 0,
    deadRows: 0,
    messages: { decoded: 0, ignored: 1, dead: 1 },
    types,
  });
  expect(await readdir(folder)).toEqual([]);
});

test('killed at any change of the disk and done again, the file is the same; before it is whole there is none', async () => {
  const reference = await taskIn(await createTempFolder());
  await convertBatches(nodeStageFs, BATCHES, reference);
  const whole = await readFile(reference.path);
  let kills = 0;
  for (let operations = 0, isDone = false; !isDone; operations++) {
    const task = await taskIn(await createTempFolder());
    await writeFile(`${task.path}.tmp`, 'what an earlier attempt left, longer than the file'.repeat(100));
    const fs = new CrashingFs(operations, true);
    isDone = await convertBatches(fs, BATCHES, task).then(
      () => true,
      () => false,
    );
    await fs.closeAll();
    kills += isDone ? 0 : 1;
    const left = await nodeStageFs.exists(task.path);
    if (left) expect(readRowCount(await readFile(task.path))).toBe(2);
    await convertBatches(nodeStageFs, BATCHES, task);
    expect(whole.equals(await readFile(task.path))).toBe(true);
  }
  expect(kills).toBe(6);
});

test.each([
  ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1), /got no whole one/],
  ['empty', (bytes: Buffer) => bytes.subarray(0, 0), /got no whole one/],
])('a file that is read back %s does not get its name', async (_, damage, message) => {
  const task = await taskIn(await createTempFolder());
  const fs: StageFs = {
    ...nodeStageFs,
    open: async (path, mode) => {
      if (mode === 'read') await writeFile(path, damage(await readFile(path)));
      return nodeStageFs.open(path, mode);
    },
  };
  const failure = convertBatches(fs, BATCHES, task);
  await expect(failure).rejects.toMatchObject({
    code: 'stage.damaged',
    message: expect.stringMatching(message),
  });
  expect(await nodeStageFs.exists(task.path)).toBe(false);
});

test('a file that is read back with other rows does not get its name', async () => {
  const task = await taskIn(await createTempFolder());
  const other = await taskIn(await createTempFolder());
  await convertBatches(nodeStageFs, BATCHES.slice(0, 1), other);
  const fs: StageFs = {
    ...nodeStageFs,
    open: (path, mode) => nodeStageFs.open(mode === 'read' ? other.path : path, mode),
  };
  await expect(convertBatches(fs, BATCHES, task)).rejects.toThrow(
    'expected a Parquet file of 2 rows as written, got 1',
  );
});
