import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Makes the entries of a folder durable. On Windows, where a folder cannot be opened for that, it does nothing. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
