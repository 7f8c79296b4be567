import { z } from 'zod';
import { byteSizeSetting, integerSetting } from '../../utils/settings.js';
import { producerSchema } from '../variety.js';
import { checkTables, tableShape } from './table-settings.js';

const transactionSetting = z.strictObject({
  max_rows: integerSetting(1, 10_000_000)
    .default(250_000)
    .describe('Waiting batches are loaded together up to so many messages.'),
  max_bytes: byteSizeSetting('1B', '1GiB').prefault('64MiB').describe('And up to so many bytes.'),
});

/** The entry that is meant when the configuration names none. */
export const DEFAULT_PROFILE = 'postgres';

/** Settings of `variety: postgres`. */
export const postgresSchema = producerSchema({
  ...tableShape,
  profile: z.string().optional().describe('Name of the entry in the profile file: postgres, unless given.'),
  transaction: transactionSetting.prefault({}),
}).superRefine(checkTables);

export type PostgresSettings = z.output<typeof postgresSchema>;

/** How much TLS, from none to all, with the meaning that libpq gives the words. */
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export type SslMode = (typeof SSL_MODES)[number];

/** What may be written in an entry of the profile file for PostgreSQL. */
export const postgresProfileSchema = z.strictObject({
  url: z.string().min(1).optional().describe('All of it as postgres://user:password@host:port/database.'),
  user: z.string().min(1).optional().describe('Role to connect as; PGUSER, unless given.'),
  password: z.string().optional().describe('Its password; PGPASSWORD, unless given.'),
  database: z
    .string()
    .min(1)
    .optional()
    .describe('Database to connect to; it must exist; PGDATABASE, unless given.'),
  host: z
    .string()
    .min(1)
    .refine((host) => !host.includes(','), 'expected one host')
    .optional()
    .describe('Host name or address, or the folder of a Unix socket.'),
  port: integerSetting(1, 65_535).optional().describe('Port.'),
  schema: z.string().min(1).default('public').describe('Schema of the tables; created if missing.'),
  sslmode: z
    .enum(SSL_MODES)
    .optional()
    .describe('TLS: prefer on this machine and verify-full elsewhere, unless given.'),
  sslrootcert: z.string().min(1).optional().describe('PEM file with the authorities that are trusted.'),
});

/** An entry as it is written. */
type WrittenProfile = z.output<typeof postgresProfileSchema>;

/** What of a profile can also stand in its `url` and in the environment. */
export type ConnectionKeys = Partial<Omit<WrittenProfile, 'url' | 'schema'>>;

/** Where to connect and as whom, complete. */
export interface PostgresProfile {
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** Host name or address; the folder of a Unix socket when it begins with `/`. */
  readonly host: string;
  readonly port: number;
  readonly schema: string;
  readonly sslmode: SslMode;
  /** Certificates in PEM; undefined: the authorities that Node.js knows. */
  readonly authorities: string | undefined;
}
