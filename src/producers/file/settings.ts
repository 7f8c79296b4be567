import { z } from 'zod';
import { producerSchema } from '../variety.js';
import { PLACEHOLDERS, unknownPlaceholders } from './path-template.js';

const FILE_FORMATS = ['ndjson', 'csv', 'parquet'] as const;

const KNOWN = PLACEHOLDERS.map((name) => `{${name}}`).join(', ');

/** Settings of `variety: file`. */
export const fileSchema = producerSchema({
  path: z
    .string()
    .min(1)
    .refine(
      (text) => unknownPlaceholders(text).length === 0,
      `expected a folder in which only ${KNOWN} stand in braces`,
    )
    .meta({ title: 'folder' })
    .describe(
      'Folder of the files, relative to the configuration, as `out/{table}/dt={date}`: `{table}`, `{consumer}`, and of the reception in UTC `{date}` and `{hour}`.',
    ),
  format: z
    .enum(FILE_FORMATS)
    .default('ndjson')
    .describe(
      'What the files are: a JSON object a line, values as they were received; CSV with a header; or Parquet, with the types that the rows of the file, or `columns` of the consumer, give.',
    ),
});

export type FileSettings = z.output<typeof fileSchema>;
