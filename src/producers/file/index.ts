import type { ProducerVariety } from '../variety.js';
import { type FileSettings, fileSchema } from './settings.js';

/** `variety: file` */
export const fileVariety: ProducerVariety = {
  type: 'producer',
  name: 'file',
  summary: 'Writes files of NDJSON, CSV or Parquet, one a batch, exactly once by their names.',
  schema: fileSchema,
  create: async (settings, context) => {
    const { FileProducer } = await import('./file.js');
    return new FileProducer(settings as FileSettings, context);
  },
};
