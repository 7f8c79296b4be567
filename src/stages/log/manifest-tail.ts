import { SocketElError } from '../../utils/errors.js';
import type { StageMark } from '../stage.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import { type Fact, type ManifestFact, parseFactLine } from './fact.js';
import { numbersIn, type StageLayout } from './layout.js';

const READ_BYTES = 256 * 1024;
const HEADER_BYTES = 4096;
const NEWLINE = 0x0a;

/** What one look at the manifest gave. */
export interface TailPart {
  readonly facts: readonly Fact[];
  /** Complete lines whose checksum does not fit. */
  readonly damaged: number;
}

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
    const hasSuccessor = await this.#hasSuccessor();
    const lines = await this.#readLines(noticed);
    if (lines.length === 0 && !hasSuccessor) await this.#assertThere();
    if (lines.length > 0 || !hasSuccessor) return toPart(lines);
    await this.close();
    this.#number++;
    this.#offset = 0;
    return toPart(await this.#readLines(noticed));
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  /** An open file can be read after it was removed, and then never changes. */
  async #assertThere(): Promise<void> {
    const path = this.#layout.manifest(this.#number);
    if (await this.#fs.exists(path)) return;
    const message = `${path}: expected the manifest that was being read, it was removed`;
    throw new SocketElError({ code: 'stage.damaged', path, message });
  }

  /** A next file whose first line is torn is none: recovery removes it and goes on in this one. */
  async #hasSuccessor(): Promise<boolean> {
    const isThere = await this.#fs.exists(this.#layout.manifest(this.#number + 1));
    return isThere && (await readHeader(this.#fs, this.#layout, this.#number + 1)) !== undefined;
  }

  async #readLines(noticed: StageMark | undefined): Promise<readonly string[]> {
    this.#file ??= await this.#fs.open(this.#layout.manifest(this.#number), 'read');
    const bytes = Buffer.allocUnsafe(READ_BYTES);
    const length = await this.#file.read(bytes, this.#offset);
    const end = bytes.subarray(0, length).lastIndexOf(NEWLINE) + 1;
    if (end === 0) return [];
    // Invariant 2: a visible line may not be durable yet.
    if (!covers(noticed, this.#number, this.#offset + end)) await this.#file.sync();
    this.#offset += end;
    return bytes.toString('utf8', 0, end - 1).split('\n');
  }
}

/**
 * The file to begin with so as to see every batch after `seq`: the newest whose first line does not come after it.
 *
 * @returns undefined while there is no manifest
 */
export async function findManifestFile(
  fs: StageFs,
  layout: StageLayout,
  seq: number,
): Promise<number | undefined> {
  const numbers = numbersIn(await fs.list(layout.manifestFolder));
  for (const number of numbers.toReversed()) {
    const header = await readHeader(fs, layout, number);
    if (header !== undefined && header.next_seq <= seq + 1) return number;
  }
  return numbers[0];
}

/** The first line of a manifest file; undefined when it is not whole. */
async function readHeader(
  fs: StageFs,
  layout: StageLayout,
  number: number,
): Promise<ManifestFact | undefined> {
  const file = await fs.open(layout.manifest(number), 'read');
  try {
    const fact = parseFactLine((await readFirstLine(file)) ?? '');
    return fact?.fact === 'manifest' ? fact : undefined;
  } finally {
    await file.close();
  }
}

async function readFirstLine(file: StageFile): Promise<string | undefined> {
  for (let size = HEADER_BYTES; ; size *= 4) {
    const bytes = Buffer.alloc(size);
    const length = await file.read(bytes, 0);
    const end = bytes.indexOf(NEWLINE);
    if (end >= 0) return bytes.toString('utf8', 0, end);
    if (length < size) return undefined;
  }
}

function covers(noticed: StageMark | undefined, file: number, offset: number): boolean {
  if (noticed === undefined) return false;
  return noticed.file > file || (noticed.file === file && noticed.offset >= offset);
}

function toPart(lines: readonly string[]): TailPart {
  const facts = lines.map(parseFactLine);
  const intact = facts.filter((fact) => fact !== undefined);
  return { facts: intact, damaged: facts.length - intact.length };
}
