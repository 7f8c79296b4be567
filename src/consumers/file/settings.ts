import { z } from 'zod';
import { consumerSchema } from '../variety.js';

/** Settings of `variety: file`. */
export const fileSchema = consumerSchema({
  path: z
    .string()
    .min(1)
    .describe('The file to read, relative to the configuration: one JSON document a line.'),
});

export type FileSettings = z.output<typeof fileSchema>;
