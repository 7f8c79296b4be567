import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, readFile, stat, statfs, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { renameFile } from '../utils/rename-file.js';
import { syncFolder } from '../utils/sync-folder.js';
import { FileLock } from './log/file-lock.js';

/** An open file of a stage. Offsets and lengths are bytes. */
export interface StageFile {
  /** Writes all of `parts`, one after the other, from `offset` on; a short write is continued. */
  write(parts: readonly Uint8Array[], offset: number): Promise<void>;
  /** Fills `into` from `offset` on and says how many bytes there were. */
  read(into: Uint8Array, offset: number): Promise<number>;
  /** Makes the file's bytes and length durable. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  /** Whether the file still has a name. */
  isNamed(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * The only way to the disk for everything below `src/stages`, so that a simulated file system can take its place.
 * Paths are absolute. Files are made with mode 0600, folders with 0700.
 */
export interface StageFs {
  /** Opens a file: `append` creates it when missing, `create` demands that it is new, `read` that it is there. */
  open(path: string, mode: 'append' | 'create' | 'read'): Promise<StageFile>;
  /** A small file's whole content; undefined when it is not there. */
  readSmall(path: string): Promise<string | undefined>;
  /** The names in a folder, sorted; empty when it is not there. */
  list(folder: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /** When a file was last written to, milliseconds since 1970. */
  modifiedMs(path: string): Promise<number>;
  /** Makes a folder and those above it; their names are durable when it resolves. */
  makeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** The file system's type as `statfs(2)` gives it. */
  fileSystemType(path: string): Promise<number>;
  /** Room on the file system, in bytes. */
  space(path: string): Promise<DiskSpace>;
  /**
   * Takes a lock that is free again when its holder's process is gone.
   *
   * @param what names the thing for the error, such as `stage of trades`
   * @throws SocketElError `stage.locked`, naming the holder
   */
  lock(path: string, what: string): Promise<StageLock>;
}

/** A lock that is held. */
export interface StageLock {
  release(): Promise<void>;
}

/** Room on a file system, in bytes; `free` is what we may use of it. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

const OPEN_FLAGS = {
  append: constants.O_RDWR | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  // A reader syncs what it is about to pass on, which Windows allows only of what is open for writing.
  read: process.platform === 'win32' ? constants.O_RDWR : constants.O_RDONLY,
} as const;

/** The real file system. */
export const nodeStageFs: StageFs = {
  open: async (path, mode) => new NodeStageFile(await open(path, OPEN_FLAGS[mode], 0o600)),
  readSmall: (path) => orMissing(readFile(path, 'utf8'), undefined),
  list: async (folder) => [...(await orMissing(readdir(folder), []))].sort(),
  exists: (path) =>
    orMissing(
      stat(path).then(() => true),
      false,
    ),
  modifiedMs: async (path) => (await stat(path)).mtimeMs,
  makeFolder: async (path) => {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    for (let made = path; first !== undefined && made.length >= first.length; made = dirname(made))
      await syncFolder(dirname(made));
  },
  rename: renameFile,
  unlink,
  syncFolder,
  fileSystemType: async (path) => (await statfs(path)).type,
  space: async (path) => {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, total: blocks * bsize };
  },
  lock: (path, what) => FileLock.acquire(path, what),
};

class NodeStageFile implements StageFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(parts: readonly Uint8Array[], offset: number): Promise<void> {
    for (let left = parts, at = offset; left.length > 0; ) {
      const { bytesWritten } = await this.#handle.writev(left, at);
      at += bytesWritten;
      left = withoutFirst(left, bytesWritten);
    }
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length);
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async isNamed(): Promise<boolean> {
    return (await this.#handle.stat()).nlink > 0;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** What of `parts` is left after their first `count` bytes. */
function withoutFirst(parts: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skip = count;
  let first = 0;
  while (first < parts.length && skip >= (parts[first] as Uint8Array).length)
    skip -= (parts[first++] as Uint8Array).length;
  const rest = parts.slice(first);
  return skip === 0 ? rest : [(rest[0] as Uint8Array).subarray(skip), ...rest.slice(1)];
}

async function orMissing<T>(work: Promise<T>, missing: T): Promise<T> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return missing;
    throw error;
  });
}
