const TLS_CODE =
  /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_SSL|ERR_OSSL|EPROTO|HOSTNAME_MISMATCH)/;
/** The driver's own words for the server's answer to a request for TLS. */
const DRIVER_WORDS = /does not support SSL|error establishing an SSL connection/;
const UNVERIFIED = 'sslmode: require encrypts without knowing the server';

/** Whether TLS could not be agreed upon, or the server's certificate was not accepted. */
export function isTlsFailure(error: Error): boolean {
  return TLS_CODE.test(codeOf(error)) || DRIVER_WORDS.test(error.message);
}

/** What to do about it. */
export function tlsHint(error: Error): string {
  const code = codeOf(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongHost(error);
  if (code === 'CERT_HAS_EXPIRED')
    return `renew the certificate of the server, or correct the clock of this machine; ${UNVERIFIED}`;
  if (code === 'CERT_NOT_YET_VALID') return `correct the clock of this machine; ${UNVERIFIED}`;
  if (DRIVER_WORDS.test(error.message))
    return 'turn TLS on at the server (ssl = on), or turn it off with sslmode: disable in the profile';
  if (/^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code))
    return `give the certificate of the server's authority (a self-signed one is its own) as sslrootcert: in the profile; ${UNVERIFIED}`;
  return 'server and client found no TLS in common; is it PostgreSQL that listens there?';
}

function wrongHost(error: Error): string {
  const { cert } = error as { cert?: { subjectaltname?: string; subject?: { CN?: string } } };
  const names = cert?.subjectaltname ?? cert?.subject?.CN ?? 'no name';
  return `the certificate is for ${names}: write one of its names as host: in the profile; sslmode: verify-ca leaves the name unchecked`;
}

function codeOf(error: Error): string {
  return String((error as { code?: unknown }).code ?? '');
}
