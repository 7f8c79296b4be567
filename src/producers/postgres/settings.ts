import { z } from 'zod';
import { byteSizeSetting, integerSetting } from '../../utils/settings.js';
import { producerSchema } from '../variety.js';
import { checkTables, tableShape } from './table-settings.js';

const transactionSetting = z.strictObject({
  max_rows: integerSetting(1, 10_000_000)
    .default(200_000)
    .describe('Waiting batches are loaded together up to so many messages.'),
  max_bytes: byteSizeSetting('1B', '1GiB').prefault('64MiB').describe('And up to so many bytes.'),
});

/** Settings of `variety: postgres`. */
export const postgresSchema = producerSchema({
  ...tableShape,
  profile: z.string().default('postgres').describe('Name of the entry in the profile file.'),
  transaction: transactionSetting.prefault({}),
}).superRefine(checkTables);

export type PostgresSettings = z.output<typeof postgresSchema>;

/** An entry of the profile file for PostgreSQL. */
export const postgresProfileSchema = z.strictObject({
  user: z.string().min(1).describe('Role to connect as.'),
  password: z.string().optional().describe('Its password.'),
  database: z.string().min(1).describe('Database to connect to; it must exist.'),
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Host name or address, or the folder of a Unix socket.'),
  port: integerSetting(1, 65_535).default(5432).describe('Port.'),
  schema: z.string().min(1).default('public').describe('Schema of the tables; created if missing.'),
  sslmode: z
    .enum(['disable', 'require', 'verify-full'])
    .optional()
    .describe('TLS: disable on this machine and verify-full elsewhere, unless given.'),
});

export type PostgresProfile = z.output<typeof postgresProfileSchema>;
