import { type SimulatedDisk, systemError } from './simulated-disk.js';

/** What goes wrong in a process, and when. Changes, writes and syncs are counted from 1. */
export interface Faults {
  /** The process is killed at this change: it is not made, and nothing works any more. */
  readonly killAt?: number;
  /** A write that is hit by the kill is made in part. */
  readonly tears?: boolean;
  /** These writes fail with EIO, after a part of the bytes. */
  readonly failWrites?: readonly number[];
  /** These syncs, of files and of folders, fail with EIO. */
  readonly failSyncs?: readonly number[];
  /** Decides how much of a torn write is made, and in which order calls that run at once come back. */
  readonly random?: () => number;
}

const MOST_TURNS = 3;

/** The life of a process: counts what it does to the disk, and ends it in time. */
export class SimulatedProcess {
  readonly disk: SimulatedDisk;
  readonly #faults: Faults;
  readonly #handles = new Set<() => void>();
  #isKilled = false;
  /** What every call gets once the process is dead. */
  #death: Error | undefined;
  #writes = 0;
  #syncs = 0;
  changes = 0;
  /** Whether a write or a sync has failed. */
  hasFailed = false;

  constructor(disk: SimulatedDisk, faults: Faults) {
    this.disk = disk;
    this.#faults = faults;
  }

  get isKilled(): boolean {
    return this.#isKilled || this.disk.isOff;
  }

  /** A number in [0, 1); always the same without a source of them. */
  random(): number {
    return this.#faults.random?.() ?? 0.5;
  }

  /** What is done when the process ends, unless it was done before. @returns does it now */
  atEnd(work: () => void): () => void {
    const once = () => {
      if (this.#handles.delete(once)) work();
    };
    this.#handles.add(once);
    return once;
  }

  kill(): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.disk.log.push('-- killed');
    for (const end of this.#handles) end();
  }

  /** Looks at the disk. */
  async look<T>(effect: () => T): Promise<T> {
    this.#demandLife('a look');
    const result = effect();
    await this.#turns();
    return result;
  }

  /**
   * Changes the disk, at once; what takes its time is to hear of it.
   *
   * @param torn what is left of the change when the kill hits it
   */
  async change<T>(what: string, effect: () => T, torn?: () => void): Promise<T> {
    this.#demandLife(what);
    if (this.changes + 1 === this.#faults.killAt) {
      if (this.#faults.tears) torn?.();
      this.kill();
      this.#demandLife(what);
    }
    this.changes++;
    this.disk.log.push(what);
    const result = effect();
    await this.#turns();
    return result;
  }

  /** Counts a write, and says whether it is one that fails. */
  failsWrite(): boolean {
    return this.#faults.failWrites?.includes(++this.#writes) ?? false;
  }

  /** Counts a sync, and says whether it is one that fails. */
  failsSync(): boolean {
    return this.#faults.failSyncs?.includes(++this.#syncs) ?? false;
  }

  /** The error of a write or a sync that has failed. */
  ioError(call: string): Error {
    this.hasFailed = true;
    this.disk.log.push(`-- EIO: ${call}`);
    return systemError('EIO', call);
  }

  async #turns(): Promise<void> {
    if (this.#faults.random === undefined) return;
    for (let left = Math.floor(this.random() * (MOST_TURNS + 1)); left > 0; left--) await undefined;
    this.#demandLife('a call');
  }

  #demandLife(what: string): void {
    if (!this.isKilled) return;
    this.#death ??= new Error(`killed before: ${what}`);
    throw this.#death;
  }
}
