import { SocketElError } from '../../utils/errors.js';
import type { StageFs } from '../stage-fs.js';

/** Magic numbers of statfs(2) of file systems whose locks and syncs do not hold what a stage needs. */
const UNSAFE: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB2',
  0x65735546: 'FUSE',
  0x1021997: '9P',
  0x5346414f: 'AFS',
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
