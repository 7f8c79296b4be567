import pg from 'pg';
import type { PostgresProfile } from './settings.js';
import { isSocket, tlsOptions } from './tls.js';
import { isTlsFailure } from './tls-failure.js';

const CONNECT_MS = 5000;
const KEEP_ALIVE_MS = 10_000;
/** Of a rule of the server that lets this role in without TLS only. */
const NO_ACCESS = '28000';

/**
 * Opens a pool of connections; none is kept before it is needed. The caller lends at most `size` at once, so nobody
 * waits in the pool's own queue, where a wait would count as a failure to connect.
 *
 * @throws Error the driver's, when `prefer` had to ask the server and could not
 */
export async function openPool(
  profile: PostgresProfile,
  options: { readonly applicationName: string; readonly size: number },
): Promise<pg.Pool> {
  const config = clientConfig(profile, options.applicationName);
  const ssl = tlsOptions(profile);
  const isDeclined = profile.sslmode === 'prefer' && !isSocket(profile.host) && !(await takesTls(config));
  return new pg.Pool({ ...config, ssl: isDeclined ? false : ssl, max: options.size });
}

function clientConfig(profile: PostgresProfile, applicationName: string): pg.ClientConfig {
  const { user, password = '', database, host, port } = profile;
  return {
    user,
    // As text, an empty one would make the driver look into the environment and the home folder.
    password: () => password,
    database,
    host,
    port,
    ssl: tlsOptions(profile),
    sslnegotiation: 'postgres',
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
}

/** The driver knows no `prefer`; a connection that is closed again shows what the server takes. */
async function takesTls(config: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(config);
  // What goes wrong after the answer concerns a connection that nobody uses.
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (isTlsFailure(error as Error) || (error as { code?: unknown }).code === NO_ACCESS) return false;
    throw error;
  } finally {
    client.end().catch(() => {});
  }
}
