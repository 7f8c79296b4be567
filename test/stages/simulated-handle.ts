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

  constructor(process: SimulatedProcess, file: SimulatedFile, path: string, mode: string) {
    this.#process = process;
    this.#file = file;
    this.#path = path;
    this.#isWritable = mode !== 'read';
    file.users++;
    this.#release = process.atEnd(() => file.users--);
  }

  async write(parts: readonly Uint8Array[], offset: number): Promise<void> {
    this.#demandWritable();
    const bytes = Buffer.concat(parts);
    const part = (): void =>
      this.#writeStart(bytes, offset, Math.floor(this.#process.random() * bytes.length));
    const all = (): void => {
      this.#process.write(this.#path, part);
      this.#writeWhatFits(bytes, offset);
    };
    await this.#process.change(`write ${this.#path} ${offset}+${bytes.length}`, all, part);
  }

  read(into: Uint8Array, offset: number): Promise<number> {
    return this.#process.look(() => this.#file.read(into, offset));
  }

  sync(): Promise<void> {
    return this.#process.change(`sync ${this.#path}`, () => {
      this.#process.sync(this.#path, () => this.#file.failSync(() => this.#process.random()));
      this.#file.sync();
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
