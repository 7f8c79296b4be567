import type { StageFile, StageFs } from '../stage-fs.js';
import { type ManifestFact, parseFactLine } from './fact.js';
import { numbersIn, type StageLayout } from './layout.js';
import { openIfThere } from './read-whole.js';

const HEADER_BYTES = 4096;
const NEWLINE = 0x0a;

/** What the start of a manifest file says. */
export interface ManifestStart {
  /** The first line; undefined when it is torn or damaged. */
  readonly header: ManifestFact | undefined;
  /** Whether an intact line is behind a first line that is not: then that one was damaged later. */
  readonly isDamaged: boolean;
}

const NONE: ManifestStart = { header: undefined, isDamaged: false };

/** Reads the first lines of a manifest file; recovery or pruning may have removed it since it was listed. */
export async function readManifestStart(
  fs: StageFs,
  layout: StageLayout,
  number: number,
): Promise<ManifestStart> {
  const file = await openIfThere(fs, layout.manifest(number));
  if (file === undefined) return NONE;
  try {
    const fact = parseFactLine((await readFirstLine(file)) ?? '');
    if (fact?.fact === 'manifest') return { header: fact, isDamaged: false };
    return { header: undefined, isDamaged: await hasIntactLine(file) };
  } finally {
    await file.close();
  }
}

/** The newest first line that is intact. */
export async function readNewestHeader(fs: StageFs, layout: StageLayout): Promise<ManifestFact | undefined> {
  const numbers = numbersIn(await fs.list(layout.manifestFolder));
  for (const number of numbers.toReversed()) {
    const { header } = await readManifestStart(fs, layout, number);
    if (header !== undefined) return header;
  }
  return undefined;
}

/**
 * The file to begin with so as to see every batch after `seq`, and every gap since it: the newest that begins before it was
 * sealed.
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
    const { header } = await readManifestStart(fs, layout, number);
    if (header !== undefined && header.next_seq <= seq) return number;
  }
  return numbers[0];
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

async function hasIntactLine(file: StageFile): Promise<boolean> {
  const bytes = Buffer.alloc(await file.size());
  await file.read(bytes, 0);
  return bytes
    .toString('latin1')
    .split('\n')
    .some((line) => parseFactLine(Buffer.from(line, 'latin1').toString('utf8')) !== undefined);
}
