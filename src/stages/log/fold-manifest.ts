import type { StageFs } from '../stage-fs.js';
import { type Fact, parseFactLine } from './fact.js';
import { numbersIn, type StageLayout } from './layout.js';
import { readManifestStart } from './manifest-header.js';
import { readIfThere, readWhole } from './read-whole.js';
import { WriterState } from './writer-state.js';

const NEWLINE = 0x0a;

/** The lines of a manifest file. */
export interface ManifestLines {
  readonly facts: readonly Fact[];
  /** Complete lines whose checksum does not fit. */
  readonly damaged: number;
  /** Bytes up to the end of the last intact line. */
  readonly length: number;
}

/** What the manifest adds up to. */
export interface FoldedManifest {
  readonly state: WriterState;
  /** The newest file, and how much of it is intact. */
  readonly newest: { readonly number: number; readonly length: number; readonly lines: number };
  /** Files whose making was cut short, newest first; they hold nothing that counts. */
  readonly torn: readonly number[];
  readonly damaged: number;
}

/** The intact lines of `bytes`; what is zeros before a line belongs to a line that is lost. */
export function parseManifest(bytes: Buffer): ManifestLines {
  const facts: Fact[] = [];
  let damaged = 0;
  let length = 0;
  for (let from = 0, to = bytes.indexOf(NEWLINE); to >= 0; from = to + 1, to = bytes.indexOf(NEWLINE, from)) {
    const start = Math.max(from, bytes.lastIndexOf(0, to) + 1);
    const fact = parseFactLine(bytes.toString('utf8', start, to));
    if (fact === undefined || start > from) damaged++;
    if (fact === undefined) continue;
    facts.push(fact);
    length = to + 1;
  }
  return { facts, damaged, length };
}

/**
 * Adds up the manifest from the newest file whose first line is intact. Only the newest file is read unless that
 * line is damaged, because it repeats what the files before say.
 *
 * @returns undefined when there is no manifest
 */
export async function foldManifest(fs: StageFs, layout: StageLayout): Promise<FoldedManifest | undefined> {
  const { files, torn } = await chooseFiles(fs, layout);
  const state = new WriterState();
  let newest: FoldedManifest['newest'] | undefined;
  let damaged = await countDamaged(fs, layout, torn);
  for (const number of files) {
    const lines = parseManifest(await readWhole(fs, layout.manifest(number)));
    for (const fact of lines.facts) state.apply(fact);
    damaged += lines.damaged;
    newest = { number, length: lines.length, lines: lines.facts.length };
  }
  return newest === undefined ? undefined : { state, newest, torn, damaged };
}

/** Ascending, from the newest file with an intact first line on, or all of them. */
async function chooseFiles(
  fs: StageFs,
  layout: StageLayout,
): Promise<{ readonly files: readonly number[]; readonly torn: readonly number[] }> {
  const numbers = numbersIn(await fs.list(layout.manifestFolder));
  const files: number[] = [];
  const torn: number[] = [];
  for (const number of numbers.toReversed()) {
    const { header, isDamaged } = await readManifestStart(fs, layout, number);
    if (header === undefined && !isDamaged) torn.push(number);
    else files.unshift(number);
    if (header !== undefined) break;
  }
  return { files, torn };
}

/** What a crash cuts short has no whole line, damaged or not. */
async function countDamaged(fs: StageFs, layout: StageLayout, torn: readonly number[]): Promise<number> {
  const files = await Promise.all(torn.map((number) => readIfThere(fs, layout.manifest(number))));
  return files.filter((bytes) => bytes?.includes(NEWLINE)).length;
}
