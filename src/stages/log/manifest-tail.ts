import { SocketElError } from '../../utils/errors.js';
import type { StageMark } from '../stage.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import type { Fact } from './fact.js';
import { parseManifest } from './fold-manifest.js';
import { numbersIn, type StageLayout } from './layout.js';
import { readManifestStart } from './manifest-header.js';

const READ_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** What one look at the manifest gave. */
export interface TailPart {
  readonly facts: readonly Fact[];
  /** Complete lines whose checksum does not fit. */
  readonly damaged: number;
}

const NOTHING: TailPart = { facts: [], damaged: 0 };

/**
 * Follows the manifest line by line, also while a writer in another process appends to it. A line that was read is
 * durable when `next` gives it: either the writer's notice covers it, or the file was synced here first.
 */
export class ManifestTail {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  #number: number;
  #offset = 0;
  #file: StageFile | undefined;

  /** @param number the manifest file to begin with */
  constructor(fs: StageFs, layout: StageLayout, number: number) {
    this.#fs = fs;
    this.#layout = layout;
    this.#number = number;
  }

  /** Where the next line begins. */
  get mark(): StageMark {
    return { file: this.#number, offset: this.#offset };
  }

  /**
   * The facts that came since the last call, about 256 KiB at most; none when there is nothing new.
   *
   * @param noticed how far the writer has said that its facts are durable
   */
  async next(noticed?: StageMark): Promise<TailPart> {
    for (;;) {
      const successor = await this.#successor();
      const part = await this.#readLines(noticed);
      if (!isEmpty(part)) return part;
      if (successor === undefined) return part;
      const isCutShort = await this.#isCutShort();
      await this.close();
      this.#number = successor;
      this.#offset = 0;
      if (isCutShort) return { facts: [], damaged: 1 };
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** Whether a file that is finished ends without a newline. */
  async #isCutShort(): Promise<boolean> {
    return this.#file !== undefined && (await this.#file.size()) > this.#offset;
  }

  /** The next file; a newest one whose first line is torn is none: recovery removes it and goes on in this one. */
  async #successor(): Promise<number | undefined> {
    if (!(await this.#hasLater())) return undefined;
    const later = numbersIn(await this.#fs.list(this.#layout.manifestFolder)).filter((n) => n > this.#number);
    for (const [i, number] of later.entries()) {
      const { header, isDamaged } = await readManifestStart(this.#fs, this.#layout, number);
      if (header !== undefined || isDamaged || i < later.length - 1) return number;
    }
    await this.#assertThere();
    return undefined;
  }

  /**
   * Listing the folder at every look would cost more than asking for names: the next one, one more because one may be
   * lost, and the one that is read, which is pruned only after later ones were begun.
   */
  async #hasLater(): Promise<boolean> {
    const at = (step: number) => this.#fs.exists(this.#layout.manifest(this.#number + step));
    const [own, next, afterNext] = await Promise.all([at(0), at(1), at(2)]);
    return !own || next || afterNext;
  }

  /** An open file can be read after it was removed, and then never changes. */
  async #assertThere(): Promise<void> {
    const path = this.#layout.manifest(this.#number);
    if (await this.#fs.exists(path)) return;
    const message = `${path}: expected the manifest that was being read, it was removed`;
    throw new SocketElError({ code: 'stage.damaged', path, message });
  }

  async #readLines(noticed: StageMark | undefined): Promise<TailPart> {
    this.#file ??= await this.#fs.open(this.#layout.manifest(this.#number), 'read');
    const bytes = await readToNewline(this.#file, this.#offset);
    if (bytes.length === 0) return NOTHING;
    // Invariant 2: a visible line may not be durable yet.
    if (!covers(noticed, this.#number, this.#offset + bytes.length)) await this.#file.sync();
    this.#offset += bytes.length;
    return parseManifest(bytes);
  }
}

/** Whole lines from `offset` on; a line that is longer than usual is read whole too. */
async function readToNewline(file: StageFile, offset: number): Promise<Buffer> {
  for (let size = READ_BYTES; ; size *= 4) {
    const bytes = Buffer.allocUnsafe(size);
    const length = await file.read(bytes, offset);
    const end = bytes.subarray(0, length).lastIndexOf(NEWLINE) + 1;
    if (end > 0 || length < size) return bytes.subarray(0, end);
  }
}

function isEmpty({ facts, damaged }: TailPart): boolean {
  return facts.length + damaged === 0;
}

function covers(noticed: StageMark | undefined, file: number, offset: number): boolean {
  if (noticed === undefined) return false;
  return noticed.file > file || (noticed.file === file && noticed.offset >= offset);
}
