import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeStageFs, type StageFile, type StageFs } from '../../src/stages/stage-fs.js';
import type { LogRecord } from '../../src/utils/logger.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';
import { chunkOf, openStage, readLines, recoverAt } from './staged.js';

/** The real file system; the next write to a path with `part` in it fails once it is armed, and calls are noted. */
class FailingFs {
  armed: string | undefined;
  /** The next sync of such a folder fails. */
  syncFails: ((path: string) => boolean) | undefined;
  readonly calls: string[] = [];

  readonly fs: StageFs = {
    ...nodeStageFs,
    syncFolder: async (path) => {
      if (this.syncFails?.(path) === true) {
        this.syncFails = undefined;
        throw Object.assign(new Error('EIO on purpose'), { code: 'EIO' });
      }
      await nodeStageFs.syncFolder(path);
    },
    open: async (path, mode) => this.#watch(path, await nodeStageFs.open(path, mode)),
  };

  #watch(path: string, file: StageFile): StageFile {
    return {
      write: async (parts, offset) => {
        this.calls.push(`write ${path} ${Buffer.concat(parts).toString('latin1')}`);
        if (this.armed !== undefined && path.includes(this.armed)) throw new Error('EIO on purpose');
        await file.write(parts, offset);
      },
      read: (into, offset) => file.read(into, offset),
      sync: () => file.sync(),
      truncate: (length) => file.truncate(length),
      size: () => file.size(),
      isNamed: () => file.isNamed(),
      close: () => file.close(),
    };
  }
}

test('after a failed write nothing is sealed any more, and whoever owns the stage hears of it at once', async () => {
  const folder = await createTempFolder();
  const disk = new FailingFs();
  const stage = await openStage(folder, { fs: disk.fs, interval: 50 });
  disk.armed = '.ndjson';
  await stage.put(chunkOf(['{"a":1}']));
  const hasTried = () => disk.calls.some((call) => call.includes('{"a":1}'));
  await until(hasTried, { timeoutMs: 3000 });
  disk.armed = undefined;
  await expect(stage.seal()).rejects.toMatchObject({ code: 'stage.disk' });
  await expect(stage.put(chunkOf(['{"a":2}']))).rejects.toMatchObject({ code: 'stage.disk' });
  stage.gap({ fromUs: 1, toUs: 2, reason: 'late' });
  await stage.close();
  const manifest = await readFile(join(folder, 'manifest/0000000001.ndjson'), 'utf8');
  expect(manifest).not.toMatch(/"fact":"(sealed|gap)"/);
  expect(await recoverAt(folder)).toEqual([]);
});

test('a segment whose beginning failed has nothing of the one before it', async () => {
  const folder = await createTempFolder();
  const disk = new FailingFs();
  const stage = await openStage(folder, { fs: disk.fs, tuning: { rollBytes: 1 } });
  await stage.put(chunkOf(['{"a":1}']));
  await stage.seal();
  await stage.put(chunkOf(['{"a":2}']));
  disk.syncFails = (path) => path.endsWith('/open');
  await stage.seal();
  await stage.close();
  expect(disk.syncFails).toBeUndefined();
  const data = (await readdir(join(folder, 'data'))).filter((name) => name.endsWith('.ndjson'));
  const texts = await Promise.all(data.map((name) => readFile(join(folder, 'data', name), 'utf8')));
  expect(texts.filter((text) => text !== '')).toEqual(['{"a":1}\n', '{"a":2}\n']);
});

test('what was put before a gap reaches the disk before the gap does', async () => {
  const disk = new FailingFs();
  const stage = await openStage(await createTempFolder(), { fs: disk.fs });
  await stage.put(chunkOf(['{"before":1}']));
  stage.gap({ fromUs: 1, toUs: 2, reason: 'between' });
  await stage.put(chunkOf(['{"after":1}']));
  await stage.seal();
  const order = ['{"before":1}', '"fact":"gap"', '{"after":1}'];
  const places = order.map((text) => disk.calls.findIndex((call) => call.includes(text)));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('a stage whose files are removed says so instead of going on without them', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['{"a":1}']));
  await stage.seal();
  await rm(folder, { recursive: true });
  await stage.put(chunkOf(['{"a":2}']));
  await expect(stage.seal()).rejects.toMatchObject({ code: 'stage.removed' });
});

test('a first line of the manifest that is damaged costs nothing', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['{"a":1}']));
  await stage.close();
  const path = join(folder, 'manifest/0000000001.ndjson');
  const intact = await readFile(path, 'utf8');
  await writeFile(path, intact.replace('"version":1', '"version":3'));
  const logs: LogRecord[] = [];
  const again = await openStage(folder, { logs });
  await again.put(chunkOf(['{"a":2}']));
  await again.close();
  expect(logs.map(({ message }) => message)).toContain('1 lines of the manifest are damaged');
  expect(await readLines(folder)).toEqual(['{"a":1}', '{"a":2}']);
});

test('a source that was connected and silent is known to have been received', async () => {
  const stage = await openStage(await createTempFolder());
  stage.receivedUntil(1_700_000_000_000_000);
  await stage.seal();
  expect(stage.lastReceivedUs()).toBe(1_700_000_000_000_000);
});
