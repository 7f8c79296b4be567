import { rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 20;
const RETRIES = 100;
/** What Windows says when somebody has the file open that is to be replaced: a reader, or a virus scanner. */
const IS_OPEN = ['EPERM', 'EACCES', 'EBUSY'];

/** Gives a file another name, also that of one that is there. On Windows it waits two seconds for those who read that. */
export async function renameFile(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const isOpen = IS_OPEN.includes((error as NodeJS.ErrnoException).code ?? '');
      if (process.platform !== 'win32' || !isOpen || attempt >= RETRIES) throw error;
      await delay(RETRY_MS);
    }
  }
}
