import type { ConsumerVariety } from '../variety.js';
import { type FileSettings, fileSchema } from './settings.js';

/** `variety: file` */
export const fileVariety: ConsumerVariety = {
  type: 'consumer',
  name: 'file',
  summary: 'Reads an NDJSON file once; a later run goes on where the last one ended.',
  schema: fileSchema,
  replayable: true,
  isFinite: true,
  create: async (settings, context) => {
    const { FileConsumer } = await import('./file.js');
    return new FileConsumer(settings as FileSettings, context);
  },
};
