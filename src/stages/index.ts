import { join } from 'node:path';
import { LocalStage } from './local.js';
import { ParquetStage } from './parquet.js';
import type { BatchConfiguration, Stage, StageContext } from './stage.js';
import type { BatchSettings, StageSettings } from './stage-settings.js';

const TYPES = { local: LocalStage, parquet: ParquetStage } as const;

const DEFAULT_BATCH: Readonly<Record<StageSettings['type'], BatchConfiguration>> = {
  local: { size: 10_000, bytes: 16 * 1024 * 1024, interval: 1000 },
  parquet: { size: 100_000, bytes: 64 * 1024 * 1024, interval: 60_000 },
};

/**
 * Constructs the stage that a consumer's settings describe; each consumer has a folder of its own below `path`.
 *
 * @param root the absolute folder that `path` stands for
 */
export function createStage(
  root: string,
  { path, type, ...settings }: StageSettings,
  context: StageContext,
): Stage {
  return new TYPES[type]({ ...settings, folder: join(root, context.consumer) }, context);
}

/** When batches are sealed: as the settings say, else as suits the stage's type. */
export function batchConfiguration({ type }: StageSettings, batch: BatchSettings): BatchConfiguration {
  const { size, bytes, interval } = DEFAULT_BATCH[type];
  return { size: batch.size ?? size, bytes: batch.bytes ?? bytes, interval: batch.interval ?? interval };
}
