import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new empty folder that is removed when the running test ends; kept when SOCKET_EL_KEEP_TEMP is set. */
export async function createTempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'socket-el-e2e-'));
  onTestFinished(async () => {
    if (process.env.SOCKET_EL_KEEP_TEMP) console.log(`kept ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  });
  return folder;
}
