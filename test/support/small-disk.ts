import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { nodeStageFs, type StageFs } from '../../src/stages/stage-fs.js';
import { LimitedFs } from './limited-fs.js';
import { createTempFolder } from './temp-folder.js';

const run = promisify(execFile);
const BLOCK = Buffer.alloc(64 * 1024);

/** A disk so small that a test can fill it. */
export interface SmallDisk {
  readonly folder: string;
  /** For code of this process. */
  readonly fs: StageFs;
  /** Whether other processes see its limit too. */
  readonly isReal: boolean;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives back what `fill` took. */
  free(): Promise<void>;
}

/** A tmpfs, for root; otherwise a folder whose limit only its `fs` knows. It is gone when the running test ends. */
export async function createSmallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await createTempFolder();
  const isReal = await mount(folder, bytes);
  if (isReal) {
    const filler = join(folder, 'filler');
    return { folder, fs: nodeStageFs, isReal, fill: () => fillWith(filler), free: () => rm(filler) };
  }
  const fs = new LimitedFs(bytes);
  return { folder, fs, isReal, fill: async () => fs.fill(), free: async () => fs.free() };
}

async function mount(folder: string, bytes: number): Promise<boolean> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  } catch {
    return false;
  }
  onTestFinished(async () => {
    await run('umount', ['-l', folder]);
  });
  return true;
}

async function fillWith(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (;;) await file.write(BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
}
