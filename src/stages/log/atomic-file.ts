import type { StageFs } from '../stage-fs.js';

/** Replaces a small file's content so that a crash leaves the old or the new one, never a part. */
export async function writeAtomically(fs: StageFs, path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await fs.open(temporary, 'append');
  try {
    await file.truncate(0);
    await file.write([Buffer.from(content)], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await fs.rename(temporary, path);
}
