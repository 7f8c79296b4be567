import { SocketElError } from '../../utils/errors.js';
import type { StageFile, StageFs } from '../stage-fs.js';
import { parseFactLine } from './fact.js';
import { numbersIn, type StageLayout } from './layout.js';
import { type ManifestEnd, ManifestWriter } from './manifest-writer.js';
import { WriterState } from './writer-state.js';

/** The manifest, cut behind its last intact line, and what its facts add up to. */
export interface RecoveredManifest {
  readonly manifest: ManifestWriter;
  readonly state: WriterState;
}

/** Finds where the manifest ends, cuts what a crash tore, and opens it for appending. Can be killed and run again. */
export async function recoverManifest(
  fs: StageFs,
  layout: StageLayout,
  stageId: string,
): Promise<RecoveredManifest> {
  const numbers = numbersIn(await fs.list(layout.manifestFolder));
  for (const number of numbers.toReversed()) {
    const state = new WriterState();
    const end = await cutTorn(fs, layout, number, state);
    if (end === undefined) await fs.unlink(layout.manifest(number));
    else return { manifest: await ManifestWriter.resume(fs, layout, end), state };
  }
  const state = new WriterState();
  const manifest = await ManifestWriter.create(fs, layout, numbers[0] ?? 1, state.header(stageId));
  return { manifest, state };
}

/** @returns undefined when the file has no intact first line: its making was cut short, and it holds nothing that counts */
async function cutTorn(
  fs: StageFs,
  layout: StageLayout,
  number: number,
  state: WriterState,
): Promise<ManifestEnd | undefined> {
  const file = await fs.open(layout.manifest(number), 'append');
  try {
    const bytes = await readAll(file);
    const end = foldLines(bytes, number, state);
    if (end === undefined && bytes.includes('\n')) throw damagedError(layout.manifest(number));
    if (end === undefined) return undefined;
    await file.truncate(end.length);
    await file.sync();
    return end;
  } finally {
    await file.close();
  }
}

function foldLines(bytes: Buffer, number: number, state: WriterState): ManifestEnd | undefined {
  let length = 0;
  let lines = 0;
  for (let from = 0, to = bytes.indexOf('\n'); to >= 0; from = to + 1, to = bytes.indexOf('\n', from)) {
    const fact = parseFactLine(bytes.toString('utf8', from, to));
    if (lines === 0 && fact?.fact !== 'manifest') return undefined;
    if (fact === undefined) continue;
    state.apply(fact);
    length = to + 1;
    lines++;
  }
  return lines === 0 ? undefined : { number, length, lines };
}

async function readAll(file: StageFile): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(await file.size());
  return bytes.subarray(0, await file.read(bytes, 0));
}

function damagedError(path: string): SocketElError {
  const message = `${path}: expected the manifest's first line, it is damaged`;
  const hint = 'restore the file from a copy; the messages are in their segments';
  return new SocketElError({ code: 'stage.damaged', path, message, hint });
}
