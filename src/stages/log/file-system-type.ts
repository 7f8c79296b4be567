import { SocketElError } from '../../utils/errors.js';
import type { StageFs } from '../stage-fs.js';

/** Magic numbers of statfs(2) of file systems whose locks and syncs do not hold what a stage needs. */
const UNSAFE: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB2',
  1702057286: 'FUSE',
  16914839: '9P',
  1397113167: 'AFS',
};

/** @throws SocketElError `stage.unsafe` when the folder lies on a network file system */
export async function assertLocalFileSystem(fs: StageFs, folder: string): Promise<void> {
  const type = await fs.fileSystemType(folder);
  const name = UNSAFE[type];
  if (name === undefined) return;
  throw new SocketElError({
    code: 'stage.unsafe',
    path: folder,
    message: `stage.path: expected a local file system, got ${name} at ${folder}`,
    hint: 'use a local disk, or set stage.allow_unsafe_fs: true and accept that a crash may lose or double messages',
  });
}
