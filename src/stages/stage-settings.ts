import { z } from 'zod';
import { byteSizeSetting, durationSetting, integerSetting } from '../utils/settings.js';

const retainSetting = z.strictObject({
  for: durationSetting()
    .prefault('24h')
    .describe('Keep batches so long after every producer has passed them.'),
  bytes: byteSizeSetting('0B', '100TiB').prefault('1GiB').describe('But keep no more than so much of them.'),
});

/** The keys of a consumer's `stage:`. */
export const stageSetting = z.strictObject({
  type: z
    .enum(['local', 'parquet'])
    .default('local')
    .describe('local: messages as they came, NDJSON; parquet: their rows as Parquet files too.'),
  path: z
    .string()
    .min(1)
    .default('stage')
    .describe('Folder, relative to the configuration; each consumer has its own below it.'),
  retain: retainSetting.prefault({}),
  max_backlog: byteSizeSetting('1KiB', '100TiB')
    .optional()
    .describe('Pause the source while so many bytes wait for a producer; no limit unless given.'),
  min_free_disk: byteSizeSetting('0B', '100TiB')
    .optional()
    .describe(
      'Pause the source while less of the disk is free; 1 GiB, or a twentieth of a smaller disk, unless given.',
    ),
  allow_unsafe_fs: z.boolean().default(false).describe('Accept a network file system.'),
});

/** The keys of a consumer's `batch_configuration:`. */
export const batchConfigurationSetting = z.strictObject({
  size: integerSetting(1, 100_000_000)
    .optional()
    .describe('Seal the open batch at so many messages; 10,000 unless given, for parquet 100,000.'),
  bytes: byteSizeSetting('1B', '1GiB')
    .optional()
    .describe('Seal the open batch at so many bytes; 16 MiB unless given, for parquet 64 MiB.'),
  interval: durationSetting(1)
    .optional()
    .describe('Seal the open batch so long after its first message; 1 s unless given, for parquet 60 s.'),
});

export type StageSettings = z.output<typeof stageSetting>;

export type BatchSettings = z.output<typeof batchConfigurationSetting>;
