import { join } from 'node:path';
import { LocalStage } from './local.js';
import type { Stage, StageContext } from './stage.js';
import type { StageSettings } from './stage-settings.js';

/**
 * Constructs the stage that a consumer's settings describe; each consumer has a folder of its own below `path`.
 *
 * @param root the absolute folder that `path` stands for
 */
export function createStage(root: string, settings: StageSettings, context: StageContext): Stage {
  const folder = join(root, context.consumer);
  return new LocalStage({ folder, allow_unsafe_fs: settings.allow_unsafe_fs }, context);
}
