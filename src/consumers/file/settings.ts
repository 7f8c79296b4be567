import { extname } from 'node:path';
import { z } from 'zod';
import { consumerSchema } from '../variety.js';

const FORMATS = ['ndjson', 'csv', 'parquet'] as const;

export type FileFormat = (typeof FORMATS)[number];

const characterSetting = z.string().length(1, 'expected one character');

const csvSetting = z.strictObject({
  delimiter: characterSetting
    .optional()
    .describe('What stands between fields; a comma, or a tab in a file that ends in .tsv, unless given.'),
  quote: characterSetting.default('"').describe('What stands around a field; doubled inside one.'),
  header: z
    .union([z.literal(true), z.array(z.string().min(1)).min(1)])
    .default(true)
    .meta({ title: 'true, or list of names' })
    .describe('Whether the first line names the columns; or their names, of a file without such a line.'),
  null: z.string().default('').describe('The field without quotes that stands for no value.'),
});

/** Settings of `variety: file`. */
export const fileSchema = consumerSchema({
  path: z.string().min(1).describe('The file to read, relative to the configuration.'),
  format: z
    .enum(FORMATS)
    .optional()
    .describe(
      'What is in it: a JSON document a line, CSV with a header, or Parquet; by the end of its name, .csv, .tsv or .parquet, unless given. Fields of CSV are text, so give types in `columns`.',
    ),
  csv: csvSetting.prefault({}),
});

export type FileSettings = z.output<typeof fileSchema>;

/** What is in the file, as said or as its name says. */
export function formatOf({ format, path }: Pick<FileSettings, 'format' | 'path'>): FileFormat {
  const extension = extname(path).toLowerCase();
  const named = { '.csv': 'csv', '.tsv': 'csv', '.parquet': 'parquet' } as const;
  return format ?? named[extension as keyof typeof named] ?? 'ndjson';
}

/** What stands between fields, as said or as the file's name says. */
export function delimiterOf({ csv, path }: FileSettings): string {
  return csv.delimiter ?? (extname(path).toLowerCase() === '.tsv' ? '\t' : ',');
}
