import { posix } from 'node:path';
import type { DiskSpace, StageFile, StageFs, StageLock } from '../../src/stages/stage-fs.js';
import { SocketElError } from '../../src/utils/errors.js';
import { type Machine, SimulatedDisk, systemError } from './simulated-disk.js';
import { SimulatedHandle } from './simulated-handle.js';
import { type Faults, SimulatedProcess } from './simulated-process.js';

const EXT4 = 0xef53;

/**
 * A process and the disk of its machine, in memory: what a stage does there can be killed at any change, and the power
 * can go. Then what was not synced is kept, lost or torn, each file's changes and each name on its own:
 *
 * - a write is kept, dropped, cut to a prefix, only lengthens the file, or is there page by page with zeros between;
 * - a truncate, a new name, a rename or a removal is kept or dropped;
 * - a file's bytes are durable after its own sync, its name after its folder's, a folder's after its parent's.
 *
 * Bytes that were synced are never touched again, also when the page they share is written when the power goes.
 */
export class SimulatedFs implements StageFs {
  readonly #disk: SimulatedDisk;
  readonly #process: SimulatedProcess;

  private constructor(disk: SimulatedDisk, faults: Faults = {}) {
    this.#disk = disk;
    this.#process = new SimulatedProcess(disk, faults);
  }

  /** A process on a new machine. */
  static start(machine: Machine = {}): SimulatedFs {
    return new SimulatedFs(new SimulatedDisk(machine));
  }

  get isKilled(): boolean {
    return this.#process.isKilled;
  }

  /** Whether one of this process's writes or syncs has failed with EIO. */
  get hasFailed(): boolean {
    return this.#process.hasFailed;
  }

  /** How many changes this process has made. */
  get changes(): number {
    return this.#process.changes;
  }

  /** What all processes of the machine did to the disk, also before the power went, a line each. */
  get log(): readonly string[] {
    return this.#disk.log;
  }

  /** Writes a line of its own into the log. */
  note(text: string): void {
    this.#disk.log.push(`-- ${text}`);
  }

  /** Another process on the same machine. */
  process(faults?: Faults): SimulatedFs {
    return new SimulatedFs(this.#disk, faults);
  }

  /** Kills this process: what it wrote stays, its locks are free, and nothing works on this object any more. */
  crash(): void {
    this.#process.kill();
  }

  /** Kills this process and gives the one that is started next. */
  processCrash(faults?: Faults): SimulatedFs {
    this.crash();
    return this.process(faults);
  }

  /** Turns the machine off, and gives a process on what is found when it is on again. */
  powerLoss(random: () => number, faults?: Faults): SimulatedFs {
    return new SimulatedFs(this.#disk.afterPowerLoss(random), faults);
  }

  open(path: string, mode: 'append' | 'create' | 'read'): Promise<StageFile> {
    const existing = () => new SimulatedHandle(this.#process, this.#disk.file(path), path, mode);
    if (mode === 'read') return this.#process.look(existing);
    return this.#process.change(`open ${path}`, () => {
      const isThere = this.#disk.find(path) !== undefined;
      if (isThere && mode === 'create') throw systemError('EEXIST', `open ${path}`);
      if (!isThere) this.#disk.createFile(path);
      return existing();
    });
  }

  readSmall(path: string): Promise<string | undefined> {
    return this.#process.look(() =>
      this.#disk.find(path) === undefined ? undefined : this.#disk.file(path).bytes.toString('utf8'),
    );
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#process.look(() =>
      this.#disk.find(folder) === undefined ? [] : [...this.#disk.folder(folder).entries.keys()].sort(),
    );
  }

  exists(path: string): Promise<boolean> {
    return this.#process.look(() => this.#disk.find(path) !== undefined);
  }

  /** A loss of power does not change it. */
  modifiedMs(path: string): Promise<number> {
    return this.#process.look(() => this.#disk.file(path).modifiedMs);
  }

  /** Syncs the parents of the folders that it made, as the real one does, and can be killed between. */
  async makeFolder(path: string): Promise<void> {
    const made = await this.#process.change(`make folder ${path}`, () => this.#disk.makeFolders(path));
    for (const each of made.toReversed()) await this.syncFolder(posix.dirname(each));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#process.change(`rename ${from} to ${to}`, () =>
      this.#disk.names.place(this.#disk.file(from), this.#disk.placeOf(to)),
    );
  }

  unlink(path: string): Promise<void> {
    return this.#process.change(`unlink ${path}`, () => this.#disk.names.unlink(this.#disk.file(path)));
  }

  syncFolder(path: string): Promise<void> {
    return this.#process.change(`sync folder ${path}`, () => {
      const folder = this.#disk.folder(path);
      if (!this.#process.failsSync()) return this.#disk.names.sync(folder);
      this.#disk.names.failSync(folder, () => this.#process.random() < 0.5);
      throw this.#process.ioError(`sync folder ${path}`);
    });
  }

  fileSystemType(_path: string): Promise<number> {
    return this.#process.look(() => EXT4);
  }

  space(_path: string): Promise<DiskSpace> {
    return this.#process.look(() => ({ free: this.#disk.free, total: this.#disk.capacity }));
  }

  /** The file of the lock is made and stays empty. A lock that is held is refused at once, whoever holds it. */
  lock(path: string, what: string): Promise<StageLock> {
    return this.#process.look(() => {
      if (this.#disk.locks.has(path)) throw lockedError(path, what);
      if (this.#disk.find(path) === undefined) this.#disk.createFile(path);
      this.#disk.locks.add(path);
      const release = this.#process.atEnd(() => this.#disk.locks.delete(path));
      return { release: async () => release() };
    });
  }
}

function lockedError(path: string, what: string): SocketElError {
  const message = `${what}: expected to be its only user, but another process holds it`;
  return new SocketElError({ code: 'stage.locked', path, message });
}
