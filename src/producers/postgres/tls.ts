import { isIPv4 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { PostgresProfile, SslMode } from './settings.js';

type TlsKeys = Pick<PostgresProfile, 'host' | 'sslmode' | 'authorities'>;

/** How much TLS is asked for when nobody says. */
export function defaultSslMode(host: string): SslMode {
  return isLoopback(host) ? 'prefer' : 'verify-full';
}

/** Whether what is sent does not leave this machine. */
function isLoopback(host: string): boolean {
  return (
    isSocket(host) || host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
  );
}

/** No server speaks TLS on a Unix socket, whatever the profile says; so it is with libpq. */
export function isSocket(host: string): boolean {
  return host.startsWith('/');
}

/**
 * TLS as explicit options, because the driver gives the words of `sslmode` meanings of its own. What is verified is
 * verified by Node.js: the chain, and with `verify-full` the name.
 */
export function tlsOptions({ host, sslmode, authorities }: TlsKeys): false | ConnectionOptions {
  if (sslmode === 'disable' || isSocket(host)) return false;
  const ca = authorities === undefined ? {} : { ca: authorities };
  if (sslmode === 'verify-full') return { ...ca, rejectUnauthorized: true };
  return isChainVerified({ sslmode, authorities })
    ? { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    : { rejectUnauthorized: false };
}

/** As with libpq, an authority that is given is used by `require` too. */
function isChainVerified({ sslmode, authorities }: Pick<TlsKeys, 'sslmode' | 'authorities'>): boolean {
  return sslmode === 'verify-ca' || (sslmode === 'require' && authorities !== undefined);
}

/** What is worth a warning: others on the way can read the password, or be the server. */
export function tlsWarning(profile: TlsKeys): string | undefined {
  const { host, sslmode } = profile;
  if (isLoopback(host) || sslmode === 'verify-full' || isChainVerified(profile)) return undefined;
  const risk =
    sslmode === 'require'
      ? 'whoever is on the way can pretend to be the server'
      : 'whoever is on the way can read everything, the password too';
  return `sslmode ${sslmode} to ${host}: ${risk}`;
}
