const CERTIFICATE =
  'its certificate is of no authority that Node.js knows; give the authority: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem';

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'nothing listens there: is the server running, are host and port right?'],
  [/^ENOTFOUND$/, 'there is no host of that name: look at its spelling'],
  [/^EAI_AGAIN$/, 'the name service does not answer: look at the network, and at /etc/resolv.conf'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'no answer at all: a firewall, or a network that is not there'],
  [/^ECONNRESET$/, 'the peer hung up: is it the right port, and the right protocol (ws or wss)?'],
  [
    /^(EPROTO|ERR_SSL_)/,
    'the peer does not speak TLS there: is it the right port, and wss where ws is meant?',
  ],
  [/^CERT_HAS_EXPIRED$/, 'its certificate is over, or the clock of this machine is wrong'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for other names than the one that was asked for'],
  [/^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_)/, CERTIFICATE],
];

/** What to do about a peer that could not be reached, by the system's code of the error or of what caused it. */
export function reachHint(error: unknown): string | undefined {
  const hint = codesOf(error).map((code) => HINTS.find(([pattern]) => pattern.test(code))?.[1]);
  return hint.find((text) => text !== undefined);
}

/** Codes from the outermost error to the innermost; a name with several addresses fails with an error for each. */
function codesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const own = (error as { code?: unknown }).code;
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [...(typeof own === 'string' ? [own] : []), ...inner.flatMap(codesOf)];
}
