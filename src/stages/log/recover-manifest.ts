import type { StageFs } from '../stage-fs.js';
import { type FoldedManifest, foldManifest } from './fold-manifest.js';
import type { StageLayout } from './layout.js';
import { ManifestWriter } from './manifest-writer.js';
import { WriterState } from './writer-state.js';

/** The manifest, cut behind its last intact line, and what its facts add up to. */
export interface RecoveredManifest {
  readonly manifest: ManifestWriter;
  readonly state: WriterState;
  /** Damaged lines among those that were read. */
  readonly damaged: number;
}

/** Finds where the manifest ends, cuts what a crash tore, and opens it for appending. Can be killed and run again. */
export async function recoverManifest(
  fs: StageFs,
  layout: StageLayout,
  stageId: string,
): Promise<RecoveredManifest> {
  const folded = await foldManifest(fs, layout);
  if (folded === undefined) return createManifest(fs, layout, stageId);
  for (const number of folded.torn) await fs.unlink(layout.manifest(number));
  if (folded.torn.length > 0) await fs.syncFolder(layout.manifestFolder);
  await cutTorn(fs, layout, folded);
  const { state, newest, damaged } = folded;
  return { manifest: await ManifestWriter.resume(fs, layout, newest), state, damaged };
}

async function createManifest(fs: StageFs, layout: StageLayout, stageId: string): Promise<RecoveredManifest> {
  const state = new WriterState();
  const manifest = await ManifestWriter.create(fs, layout, 1, state.header(stageId));
  return { manifest, state, damaged: 0 };
}

/** After a sync that failed, a second one of bytes that are only in memory would do nothing, so they are written anew. */
async function cutTorn(fs: StageFs, layout: StageLayout, { newest }: FoldedManifest): Promise<void> {
  const file = await fs.open(layout.manifest(newest.number), 'append');
  try {
    const bytes = Buffer.alloc(newest.length);
    await file.read(bytes, 0);
    await file.truncate(newest.length);
    await file.write([bytes], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  // The name of a file that a crash came upon while it was made may not be durable yet.
  await fs.syncFolder(layout.manifestFolder);
}
