import { isIP } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { Finding } from './examination.js';

const PEEK_MS = 2000;
const DAY_MS = 86_400_000;
/** A certificate that ends sooner is worth a word. */
const NOTEWORTHY_DAYS = 14;
const MAX_NAMES = 5;

/** An encrypted connection; what is not known is null. Plain data, in the words of `doctor --json`. */
export interface TlsFacts {
  readonly protocol: string | null;
  readonly cipher: string | null;
  /** Why the certificate is not trusted; null when it is. */
  readonly untrusted: string | null;
  readonly subject: string | null;
  readonly issuer: string | null;
  /** Host names and addresses that it is for. */
  readonly names: readonly string[];
  readonly valid_until: string | null;
  readonly days_left: number | null;
}

/** The facts of a connection that has been encrypted. */
export function readTlsFacts(socket: TLSSocket): TlsFacts {
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate() ?? {};
  const until = certificate.valid_to === undefined ? Number.NaN : Date.parse(certificate.valid_to);
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher()?.name ?? null,
    untrusted: socket.authorized ? null : String(socket.authorizationError ?? 'not checked'),
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: (certificate.subjectaltname ?? '').split(', ').filter(Boolean).map(withoutKind),
    valid_until: Number.isNaN(until) ? null : new Date(until).toISOString(),
    days_left: Number.isNaN(until) ? null : Math.floor((until - Date.now()) / DAY_MS),
  };
}

/** Looks at the certificate of a server, trusted or not, and sends it nothing else; undefined when none is shown. */
export function peekTlsFacts(host: string, port: number): Promise<TlsFacts | undefined> {
  const name = isIP(host) ? {} : { servername: host };
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: PEEK_MS, ...name });
    const finish = (facts?: TlsFacts) => {
      resolve(facts);
      socket.destroy();
    };
    socket.on('secureConnect', () => finish(readTlsFacts(socket)));
    socket.on('timeout', () => finish());
    socket.on('error', () => finish());
  });
}

/** Says what is known of an encrypted connection. */
export function tlsFinding(tls: TlsFacts): Finding {
  const worry = worryOf(tls);
  const text = ['encrypted', tls.protocol, tls.cipher, worry].filter(Boolean).join(', ');
  const hasCertificate = tls.subject !== null || tls.issuer !== null;
  const details = hasCertificate ? certificateLines(tls) : [];
  return { state: worry === undefined ? 'ok' : 'note', text, details };
}

function worryOf({ untrusted, days_left }: TlsFacts): string | undefined {
  if (untrusted !== null) return 'by a certificate that is not trusted';
  if (days_left !== null && days_left < NOTEWORTHY_DAYS)
    return `by a certificate that ends in ${days_left} days`;
  return undefined;
}

function certificateLines(tls: TlsFacts): readonly string[] {
  const names = tls.names.slice(0, MAX_NAMES).join(', ');
  const more = tls.names.length > MAX_NAMES ? ` and ${tls.names.length - MAX_NAMES} more` : '';
  const issuer = tls.issuer === tls.subject ? 'itself' : (tls.issuer ?? 'nobody');
  const left = (tls.days_left ?? 0) < 0 ? 'which is over' : `${tls.days_left} days from now`;
  return [
    `certificate ${tls.subject ?? 'without a name'}, issued by ${issuer}`,
    names === '' ? 'for no names' : `for ${names}${more}`,
    `valid until ${tls.valid_until ?? 'unknown'}, ${left}`,
    tls.untrusted === null ? 'trusted' : `not trusted: ${tls.untrusted}`,
  ];
}

function nameOf(name: PeerCertificate['subject'] | undefined): string | null {
  const parts = [name?.CN, name?.O].flat().filter(Boolean);
  return parts[0] ?? null;
}

/** `DNS:feed.example` and `IP Address:10.0.0.1` as the name alone. */
function withoutKind(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
