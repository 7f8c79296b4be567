import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { SocketElError } from '../../utils/errors.js';

/** libpq's word for the authorities that the system trusts. */
const SYSTEM = 'system';

/**
 * Reads the file that `sslrootcert` names.
 *
 * @param folder what a relative path is relative to; `~/` is the home folder
 * @returns PEM; undefined for the authorities that Node.js knows
 * @throws SocketElError when it cannot be read or is not PEM
 */
export function readAuthorities(sslrootcert: string, folder: string): string | undefined {
  if (sslrootcert === SYSTEM) return undefined;
  const path = resolve(folder, sslrootcert.replace(/^~(?=\/|$)/, homedir()));
  const pem = readText(path);
  if (isCertificate(pem)) return pem;
  throw new SocketElError({
    code: 'config.value',
    message: `expected certificates in PEM at ${path}, got something else`,
    hint: 'a PEM file has lines -----BEGIN CERTIFICATE-----; from DER: openssl x509 -inform der -in FILE -out root.pem',
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `expected a readable file at ${path}: ${(cause as Error).message}`;
    const hint = 'a relative path is relative to the folder of the profile file';
    throw new SocketElError({ code: 'environment.unreadable_file', message, hint }, { cause });
  }
}

/** A key has PEM's form too, so the first certificate is parsed. */
function isCertificate(pem: string): boolean {
  const [first] = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/s.exec(pem) ?? [];
  try {
    return first !== undefined && new X509Certificate(first).subject !== undefined;
  } catch {
    return false;
  }
}
