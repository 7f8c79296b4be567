import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for what is needed for a while; `remove` is also called when the process exits. */
export function createTempFolder() {
  const path = mkdtempSync(join(tmpdir(), 'socket-el-bench-'));
  const remove = () => {
    process.removeListener('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return { path, remove };
}
