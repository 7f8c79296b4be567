import {
  type DiskSpace,
  nodeStageFs,
  type StageFile,
  type StageFs,
  type StageLock,
} from '../../src/stages/stage-fs.js';

/** The real file system as if it held only so many bytes; what others write to it does not count. */
export class LimitedFs implements StageFs {
  readonly #bytes: number;
  readonly #sizes = new Map<string, number>();
  #filled = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Takes all the room that is left. */
  fill(): void {
    this.#filled += this.#room();
  }

  free(): void {
    this.#filled = 0;
  }

  async open(path: string, mode: 'append' | 'create' | 'read'): Promise<StageFile> {
    const file = await nodeStageFs.open(path, mode);
    return {
      write: (parts, offset) => this.#write(path, file, parts, offset),
      read: (into, offset) => file.read(into, offset),
      sync: () => file.sync(),
      truncate: async (length) => {
        await file.truncate(length);
        this.#sizes.set(path, length);
      },
      size: () => file.size(),
      isNamed: () => file.isNamed(),
      close: () => file.close(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    await nodeStageFs.rename(from, to);
    this.#sizes.set(to, this.#sizes.get(from) ?? 0);
    this.#sizes.delete(from);
  }

  async unlink(path: string): Promise<void> {
    await nodeStageFs.unlink(path);
    this.#sizes.delete(path);
  }

  async space(): Promise<DiskSpace> {
    return { free: this.#room(), total: this.#bytes };
  }

  readSmall(path: string): Promise<string | undefined> {
    return nodeStageFs.readSmall(path);
  }

  list(folder: string): Promise<readonly string[]> {
    return nodeStageFs.list(folder);
  }

  exists(path: string): Promise<boolean> {
    return nodeStageFs.exists(path);
  }

  modifiedMs(path: string): Promise<number> {
    return nodeStageFs.modifiedMs(path);
  }

  makeFolder(path: string): Promise<void> {
    return nodeStageFs.makeFolder(path);
  }

  syncFolder(path: string): Promise<void> {
    return nodeStageFs.syncFolder(path);
  }

  fileSystemType(path: string): Promise<number> {
    return nodeStageFs.fileSystemType(path);
  }

  lock(path: string, what: string): Promise<StageLock> {
    return nodeStageFs.lock(path, what);
  }

  #room(): number {
    const used = [...this.#sizes.values()].reduce((sum, size) => sum + size, this.#filled);
    return Math.max(0, this.#bytes - used);
  }

  /** As much as there is room for, as the system does it. */
  async #write(path: string, file: StageFile, parts: readonly Uint8Array[], offset: number): Promise<void> {
    const all = Buffer.concat(parts);
    const before = this.#sizes.get(path) ?? 0;
    const end = Math.min(offset + all.length, before + this.#room());
    const fits = all.subarray(0, Math.max(0, end - offset));
    this.#sizes.set(path, Math.max(before, offset + fits.length));
    await file.write([fits], offset);
    if (fits.length < all.length)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }
}
