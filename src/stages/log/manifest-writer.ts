import type { StageMark } from '../stage.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import { type Fact, factLine, type ManifestFact } from './fact.js';
import type { StageLayout } from './layout.js';

/** Where the manifest stands after recovery. */
export interface ManifestEnd {
  readonly number: number;
  readonly length: number;
  readonly lines: number;
}

/**
 * Appends facts to the manifest. A fact counts from the moment `append` resolves; one that failed for want of room may
 * be appended again, at the same place.
 */
export class ManifestWriter {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  #file: StageFile;
  #number: number;
  #length: number;
  #lines: number;

  private constructor(fs: StageFs, layout: StageLayout, file: StageFile, end: ManifestEnd) {
    this.#fs = fs;
    this.#layout = layout;
    this.#file = file;
    this.#number = end.number;
    this.#length = end.length;
    this.#lines = end.lines;
  }

  /** Goes on after `end` in a file that recovery has cut there. */
  static async resume(fs: StageFs, layout: StageLayout, end: ManifestEnd): Promise<ManifestWriter> {
    return new ManifestWriter(fs, layout, await fs.open(layout.manifest(end.number), 'append'), end);
  }

  /** Makes file `number` with its first line; the folder is synced, so that its name is durable too. */
  static async create(
    fs: StageFs,
    layout: StageLayout,
    number: number,
    header: ManifestFact,
  ): Promise<ManifestWriter> {
    const file = await fs.open(layout.manifest(number), 'append');
    try {
      await file.truncate(0);
      const writer = new ManifestWriter(fs, layout, file, { number, length: 0, lines: 0 });
      await writer.append([header]);
      await fs.syncFolder(layout.manifestFolder);
      return writer;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How far the manifest is durable. */
  get mark(): StageMark {
    return { file: this.#number, offset: this.#length };
  }

  /** Lines of the present file. */
  get lines(): number {
    return this.#lines;
  }

  /** Appends facts and makes them durable: the only commit point of the stage. */
  async append(facts: readonly Fact[]): Promise<void> {
    const bytes = Buffer.from(facts.map(factLine).join(''));
    try {
      await this.#file.write([bytes], this.#length);
      await this.#file.sync();
    } catch (error) {
      await this.#takeBack();
      throw error;
    }
    this.#length += bytes.length;
    this.#lines += facts.length;
  }

  /** Lines that may not be durable must not be seen any longer: a reader's own sync of them might do nothing. */
  async #takeBack(): Promise<void> {
    await Promise.allSettled([this.#file.truncate(this.#length)]);
  }

  /** Goes on in a new file that begins with `header`. */
  async roll(header: ManifestFact): Promise<void> {
    const next = await ManifestWriter.create(this.#fs, this.#layout, this.#number + 1, header);
    const before = this.#file;
    this.#file = next.#file;
    this.#number = next.#number;
    this.#length = next.#length;
    this.#lines = next.#lines;
    await before.close();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
