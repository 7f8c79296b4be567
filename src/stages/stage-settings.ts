import { z } from 'zod';
import { byteSizeSetting, durationSetting, integerSetting } from '../utils/settings.js';

/** The keys of a consumer's `stage:`. */
export const stageSetting = z.strictObject({
  type: z.enum(['local']).default('local').describe('The stage’s format.'),
  path: z
    .string()
    .min(1)
    .default('stage')
    .describe('Folder, relative to the configuration; each consumer has its own below it.'),
  allow_unsafe_fs: z.boolean().default(false).describe('Accept a network file system.'),
});

/** The keys of a consumer's `batch_configuration:`. */
export const batchConfigurationSetting = z.strictObject({
  size: integerSetting(1, 100_000_000).default(10_000).describe('Seal the open batch at so many messages.'),
  bytes: byteSizeSetting('1B', '1GiB').prefault('16MiB').describe('Seal the open batch at so many bytes.'),
  interval: durationSetting(1)
    .prefault('1s')
    .describe('Seal the open batch so long after its first message.'),
});

export type StageSettings = z.output<typeof stageSetting>;
