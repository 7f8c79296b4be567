import type { StageFile } from '../../src/stages/stage-fs.js';
import { systemError } from './simulated-disk.js';
import type { SimulatedFile } from './simulated-file.js';
import type { SimulatedProcess } from './simulated-process.js';

/** A file that a simulated process has open, under whatever name. */
export class SimulatedHandle implements StageFile {
  readonly #process: SimulatedProcess;
  readonly #file: SimulatedFile;
  readonly #path: string;
  readonly #isWritable: boolean;
  readonly #release: () => void;
  /** The failed syncs of the file that this handle has heard of. */
  #failedSyncs: number;

  constructor(process: SimulatedProcess, file: SimulatedFile, path: string, mode: string) {
    this.#process = process;
    this.#file = file;
    this.#path = path;
    this.#isWritable = mode !== 'read';
    this.#failedSyncs = file.failedSyncs;
    file.users++;
    this.#release = process.atEnd(() => file.users--);
  }

  async write(parts: readonly Uint8Array[], offset: number): Promise<void> {
    this.#demandWritable();
    const bytes = Buffer.concat(parts);
    const call = `write ${this.#path} ${offset}+${bytes.length}`;
    const part = (): void =>
      this.#writeStart(bytes, offset, Math.floor(this.#process.random() * bytes.length));
    const all = (): void => {
      const isFailing = this.#process.failsWrite();
      if (isFailing) part();
      else this.#writeWhatFits(bytes, offset);
      if (isFailing) throw this.#process.ioError(call);
    };
    await this.#process.change(call, all, part);
  }

  read(into: Uint8Array, offset: number): Promise<number> {
    return this.#process.look(() => this.#file.read(into, offset));
  }

  /** Every handle hears once of a sync that failed while it was open; for one opened later all is well. */
  sync(): Promise<void> {
    const call = `sync ${this.#path}`;
    return this.#process.change(call, () => {
      if (this.#process.failsSync()) this.#file.failSync(() => this.#process.random());
      else this.#file.sync();
      const isNews = this.#failedSyncs !== this.#file.failedSyncs;
      this.#failedSyncs = this.#file.failedSyncs;
      if (isNews) throw this.#process.ioError(call);
    });
  }

  async truncate(length: number): Promise<void> {
    this.#demandWritable();
    await this.#process.change(`truncate ${this.#path} to ${length}`, () => {
      this.#file.truncate(length);
      this.#file.modifiedMs = this.#process.disk.clockMs();
    });
  }

  size(): Promise<number> {
    return this.#process.look(() => this.#file.size);
  }

  isNamed(): Promise<boolean> {
    return this.#process.look(() => this.#process.disk.names.placeOf(this.#file) !== undefined);
  }

  async close(): Promise<void> {
    this.#release();
  }

  /** A disk that gets full in the middle of a write keeps its beginning. */
  #writeWhatFits(bytes: Buffer, offset: number): void {
    const missing = Math.max(0, offset + bytes.length - this.#file.size - this.#process.disk.free);
    this.#writeStart(bytes, offset, Math.max(0, bytes.length - missing));
    if (missing > 0) throw systemError('ENOSPC', `write ${this.#path}`);
  }

  #writeStart(bytes: Buffer, offset: number, length: number): void {
    this.#file.write(bytes.subarray(0, length), offset);
    this.#file.modifiedMs = this.#process.disk.clockMs();
  }

  #demandWritable(): void {
    if (!this.#isWritable) throw systemError('EBADF', `write ${this.#path}`);
  }
}
