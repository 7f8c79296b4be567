import type { Fact } from '../log/fact.js';
import { Pruner, type PrunerSettings } from '../log/pruner.js';
import { recoverManifest } from '../log/recover-manifest.js';
import type { StageFolder } from './stage-folder.js';

/** What was removed. Bytes are those of messages. */
export interface PrunedStage {
  readonly batches: number;
  readonly bytes: number;
}

/**
 * Removes what every reader of a stage has passed and retention does not keep.
 *
 * @throws SocketElError `stage.locked` while somebody writes the stage, which prunes by itself
 */
export async function pruneStage(
  { fs, layout, identity }: StageFolder,
  how: PrunerSettings,
): Promise<PrunedStage> {
  const lock = await fs.lock(layout.lock, `stage of ${identity.consumer}`);
  try {
    const { manifest, state } = await recoverManifest(fs, layout, identity.id);
    const before = state.pruned;
    const record = async (fact: Fact) => {
      await manifest.append([fact]);
      state.apply(fact);
    };
    try {
      await new Pruner(fs, layout, how).prune(state, record);
    } finally {
      await manifest.close();
    }
    return {
      batches: state.pruned.through - before.through,
      bytes: state.pruned.bytes - before.bytes,
    };
  } finally {
    await lock.release();
  }
}
