import type { StageFile, StageFs } from '../stage-fs.js';

/** All bytes of a file. @throws ENOENT when it is not there */
export async function readWhole(fs: StageFs, path: string): Promise<Buffer> {
  const file = await fs.open(path, 'read');
  try {
    const bytes = Buffer.alloc(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
}

/** All bytes of a file; undefined when it is not there. */
export function readIfThere(fs: StageFs, path: string): Promise<Buffer | undefined> {
  return orMissing(readWhole(fs, path));
}

/** A file, open for reading; undefined when it is not there. */
export function openIfThere(fs: StageFs, path: string): Promise<StageFile | undefined> {
  return orMissing(fs.open(path, 'read'));
}

function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
}
