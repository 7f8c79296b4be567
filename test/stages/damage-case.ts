import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { between, createRandom, pick } from '../support/random.js';
import type { SoundStage, StagedChunk } from './damaged-stage.js';

const MAX_RUN = 4096;
const BLANK = /^\s*$/;

/** The files that a stage is made of, by what they are. */
const FILE_KINDS = {
  manifest: /^manifest\//,
  segment: /^(data|open)\/\d+\.ndjson$/,
  index: /\.idx$/,
  cursor: /^cursors\/.*\.json$/,
  identity: /^stage\.json$/,
  parquet: /\.parquet$/,
} as const;

type FileKind = keyof typeof FILE_KINDS;

/** One damage to one file. */
export interface Damage {
  readonly kind: FileKind;
  readonly path: string;
  readonly what: string;
  readonly before: Buffer;
  readonly after: Buffer;
  /** Bytes [from, to) differ. */
  readonly from: number;
  readonly to: number;
}

/** The damage of a seed: a flipped bit, or a run of zeros, anywhere in some file. */
export function damageOf(stage: SoundStage, seed: number): Damage {
  const random = createRandom(seed);
  const paths = [...stage.files.keys()];
  const kinds = (Object.keys(FILE_KINDS) as FileKind[]).filter((kind) =>
    paths.some((path) => FILE_KINDS[kind].test(path)),
  );
  const kind = pick(random, [...kinds, 'manifest', 'segment'] as const);
  const path = choosePath(
    random,
    paths.filter((each) => FILE_KINDS[kind].test(each)),
  );
  const before = stage.files.get(path) as Buffer;
  const after = Buffer.from(before);
  const at = choosePlace(random, before);
  if (random() < 0.5) {
    const bit = Math.floor(random() * 8);
    after[at] = (after[at] as number) ^ (1 << bit);
    return { kind, path, before, after, from: at, to: at + 1, what: `bit ${bit} of byte ${at}` };
  }
  const to = Math.min(before.length, at + Math.ceil(random() ** 2 * MAX_RUN));
  after.fill(0, at, to);
  return { kind, path, before, after, from: at, to, what: `zeros in bytes [${at}, ${to})` };
}

/** The newest file as often as all the others together: it is what recovery begins with. */
function choosePath(random: () => number, paths: readonly string[]): string {
  return random() < 0.4 ? (paths.at(-1) as string) : pick(random, paths);
}

/** Anywhere, but often in the first or the last line. */
function choosePlace(random: () => number, { length }: Buffer, bytes = 200): number {
  const where = random();
  const edge = Math.min(length, bytes);
  if (where < 0.2) return Math.floor(between(random, 0, edge));
  if (where < 0.4) return Math.floor(between(random, length - edge, length));
  return Math.floor(between(random, 0, length));
}

/** Writes the stage's files, one of them damaged. */
export async function writeDamaged(folder: string, stage: SoundStage, damage: Damage): Promise<void> {
  for (const name of ['manifest', 'open', 'data', 'cursors'])
    await mkdir(join(folder, name), { recursive: true });
  for (const [path, bytes] of stage.files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), path === damage.path ? damage.after : bytes);
  }
}

/** Whether a chunk's bytes are no longer those that were put. */
export function isHit(chunk: StagedChunk, { kind, path, before, after }: Damage): boolean {
  if (kind !== 'segment' || Number(/\d+/.exec(path)?.[0]) !== chunk.segment) return false;
  const [from, to] = [chunk.offset, chunk.offset + chunk.length];
  return !before.subarray(from, to).equals(after.subarray(from, to));
}

/** Whether somebody has to say that there was damage. */
export function mustBeSaid(damage: Damage, stage: SoundStage): boolean {
  const { kind, before, after, from, to } = damage;
  if (before.equals(after) || kind === 'identity' || kind === 'parquet') return false;
  if (kind === 'cursor') return !BLANK.test(`${before.subarray(from, to)}${after.subarray(from, to)}`);
  return !looksLikeCrash(damage, stage);
}

/** Whether the newest manifest file ends torn or with zeros, or never had a first line, as a crash leaves it. */
export function looksLikeCrash({ kind, path, before, after, to }: Damage, { files }: SoundStage): boolean {
  const newest = [...files.keys()].findLast((each) => FILE_KINDS.manifest.test(each));
  if (kind !== 'manifest' || path !== newest) return false;
  const lines = before.toString('latin1').split('\n').slice(0, -1);
  return to === before.length || !lines.some((line) => after.includes(`${line}\n`, 0, 'latin1'));
}
