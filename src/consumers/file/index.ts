import type { ConsumerVariety } from '../variety.js';
import { type FileSettings, fileSchema } from './settings.js';

/** `variety: file` */
export const fileVariety: ConsumerVariety = {
  type: 'consumer',
  name: 'file',
  summary: 'Reads a file of NDJSON, CSV or Parquet once; a later run goes on where the last one ended.',
  schema: fileSchema,
  replayable: true,
  isFinite: true,
  create: async (settings, context) => {
    const { FileConsumer } = await import('./file.js');
    return new FileConsumer(settings as FileSettings, context);
  },
};
