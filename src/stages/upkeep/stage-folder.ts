import { SocketElError } from '../../utils/errors.js';
import { BatchQueue, type QueuedBatch } from '../log/batch-queue.js';
import type { Fact } from '../log/fact.js';
import { foldManifest } from '../log/fold-manifest.js';
import { readIdentity, type StageIdentity, type StageOwner } from '../log/identity.js';
import { StageLayout } from '../log/layout.js';
import { findManifestFile } from '../log/manifest-header.js';
import { ManifestTail } from '../log/manifest-tail.js';
import type { WriterState } from '../log/writer-state.js';
import type { StageFs } from '../stage-fs.js';

/** A stage's folder as those see it who neither write nor follow it. */
export interface StageFolder {
  readonly fs: StageFs;
  readonly layout: StageLayout;
  readonly identity: StageIdentity;
  /** What the manifest added up to when the folder was looked at. */
  readonly state: WriterState;
}

/** Looks at a stage's folder. @throws SocketElError `stage.missing` when nothing was staged there yet */
export async function openStageFolder(fs: StageFs, folder: string, owner: StageOwner): Promise<StageFolder> {
  const layout = new StageLayout(folder);
  const identity = await readIdentity(fs, layout, owner);
  const folded = await foldManifest(fs, layout);
  if (identity !== undefined && folded !== undefined) return { fs, layout, identity, state: folded.state };
  throw new SocketElError({
    code: 'stage.missing',
    path: folder,
    message: `${folder}: expected the stage of ${owner.consumer}, there is none`,
    hint: 'socket-el run makes it; is this the configuration, and the path, that it ran with?',
  });
}

/** All facts that are kept, oldest first. @param alarm is told of damage */
export async function* readFacts(
  { fs, layout }: StageFolder,
  alarm: (message: string) => void,
): AsyncGenerator<Fact> {
  const tail = new ManifestTail(fs, layout, (await findManifestFile(fs, layout, 0)) ?? 1);
  try {
    for (;;) {
      const { facts, damaged } = await tail.next();
      if (damaged > 0) alarm(`${layout.manifestFolder}: ${damaged} lines are damaged`);
      if (facts.length + damaged === 0) return;
      yield* facts;
    }
  } finally {
    await tail.close();
  }
}

/** All batches that are kept, oldest first. @param alarm is told of damage */
export async function* readBatches(
  folder: StageFolder,
  alarm: (message: string) => void,
): AsyncGenerator<QueuedBatch> {
  const { fs, layout, state } = folder;
  const { through: last, bytes } = state.pruned;
  const queue = new BatchQueue(fs, layout, { last, bytes, previous: last }, alarm);
  for await (const fact of readFacts(folder, alarm)) {
    await queue.take(fact);
    yield* queue.shift(queue.waiting.length);
  }
}
