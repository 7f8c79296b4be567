import pg from 'pg';
import type { PostgresProfile } from './settings.js';

const CONNECT_MS = 5000;
const MAX_CONNECTIONS = 4;
const KEEP_ALIVE_MS = 10_000;

/** Opens a pool of connections; none is made before it is needed. */
export function createPool(profile: PostgresProfile, applicationName: string): pg.Pool {
  const { user, password, database, host, port } = profile;
  return new pg.Pool({
    user,
    password: password ?? '',
    database,
    host,
    port,
    ssl: tlsOptions(profile),
    application_name: applicationName.slice(0, 63),
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
}

function tlsOptions({ sslmode, host }: PostgresProfile): false | { rejectUnauthorized: boolean } {
  const mode = sslmode ?? (isLocal(host) ? 'disable' : 'verify-full');
  return mode === 'disable' ? false : { rejectUnauthorized: mode === 'verify-full' };
}

function isLocal(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host);
}
