import {
  type DiskSpace,
  nodeStageFs,
  type StageFile,
  type StageFs,
  type StageLock,
} from '../../src/stages/stage-fs.js';

/** What a killed process does with its next call: nothing. */
class Killed extends Error {}

/**
 * The real file system of a process that is killed at its `operations`-th change of the disk. With `tears` a write
 * that is hit still gets its first half to the disk.
 */
export class CrashingFs implements StageFs {
  #left: number;
  readonly #tears: boolean;
  readonly #files = new Set<StageFile>();
  /** Names of the changes made, for the message of a failing test. */
  readonly done: string[] = [];

  constructor(operations: number, tears = false) {
    this.#left = operations;
    this.#tears = tears;
  }

  get isKilled(): boolean {
    return this.#left < 0;
  }

  async open(path: string, mode: 'append' | 'create' | 'read'): Promise<StageFile> {
    if (mode !== 'read') this.#change(`open ${path}`);
    const file = await nodeStageFs.open(path, mode);
    this.#files.add(file);
    return {
      write: (parts, offset) => this.#write(file, parts, offset),
      read: (into, offset) => file.read(into, offset),
      sync: () => this.#then('sync', () => file.sync()),
      truncate: (length) => this.#then(`truncate ${path} to ${length}`, () => file.truncate(length)),
      size: () => file.size(),
      isNamed: () => file.isNamed(),
      close: () => this.#close(file),
    };
  }

  /** Kills the process now. */
  kill(): void {
    this.#left = -1;
  }

  /** Closes what is still open, as the system does for a process that is gone. */
  async closeAll(): Promise<void> {
    for (const file of this.#files) await this.#close(file);
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
    return this.#then(`mkdir ${path}`, () => nodeStageFs.makeFolder(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#then(`rename ${from} to ${to}`, () => nodeStageFs.rename(from, to));
  }

  unlink(path: string): Promise<void> {
    return this.#then(`unlink ${path}`, () => nodeStageFs.unlink(path));
  }

  syncFolder(path: string): Promise<void> {
    return this.#then(`sync ${path}`, () => nodeStageFs.syncFolder(path));
  }

  fileSystemType(path: string): Promise<number> {
    return nodeStageFs.fileSystemType(path);
  }

  space(path: string): Promise<DiskSpace> {
    return nodeStageFs.space(path);
  }

  lock(path: string, what: string): Promise<StageLock> {
    return nodeStageFs.lock(path, what);
  }

  async #write(file: StageFile, parts: readonly Uint8Array[], offset: number): Promise<void> {
    const wasKilled = this.isKilled;
    try {
      this.#change('write');
    } catch (error) {
      const all = Buffer.concat(parts);
      if (this.#tears && !wasKilled) await file.write([all.subarray(0, all.length / 2)], offset);
      throw error;
    }
    await file.write(parts, offset);
  }

  async #close(file: StageFile): Promise<void> {
    if (this.#files.delete(file)) await file.close();
  }

  async #then<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#change(what);
    return work();
  }

  #change(what: string): void {
    if (this.#left-- <= 0) {
      this.#left = -1;
      throw new Killed(`killed before: ${what}`);
    }
    this.done.push(what);
  }
}
