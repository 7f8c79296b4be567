import { type FoundKeys, readKeys } from './connection-text.js';

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLES: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  database: 'PGDATABASE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
};

/** Whether libpq's variables say where to connect without a profile. */
export function isPlaceInEnvironment(env: Environment): boolean {
  return Boolean(env['PGHOST'] || env['PGDATABASE']);
}

/**
 * What libpq's variables say.
 *
 * @param known keys that are given elsewhere; their variables are not looked at
 */
export function readEnvironment(env: Environment, known: readonly string[]): FoundKeys {
  const wanted = Object.entries(VARIABLES).filter(([key]) => !known.includes(key));
  const texts = Object.fromEntries(wanted.map(([key, variable]) => [key, env[variable]]));
  return readKeys(texts, (key) => VARIABLES[key] as string);
}
