import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { ClockSkew } from '../../utils/clock-skew.js';
import { readTlsFacts, type TlsFacts } from '../../utils/tls-facts.js';

const SECOND_MS = 1000;

/** What a server's answer to the upgrade request tells beside its messages. */
export interface UpgradeAnswer {
  readonly status: number;
  /** Milliseconds from the first look at the name until the answer. */
  readonly tookMs: number;
  readonly clock: ClockSkew | undefined;
  readonly tls: TlsFacts | undefined;
}

/** Reads the answer while its connection stands: of a closed one the certificate is not known any more. */
export function readAnswer(response: IncomingMessage, askedMs: number): UpgradeAnswer {
  const { statusCode, socket, headers } = response;
  const tookMs = Date.now() - askedMs;
  const tls = socket instanceof TLSSocket ? readTlsFacts(socket) : undefined;
  return { status: statusCode ?? 0, tookMs, clock: skewOf(headers.date, askedMs, tookMs), tls };
}

/** The header `Date` has whole seconds, cut off, and was written at some moment while we waited. */
function skewOf(date: string | undefined, askedMs: number, tookMs: number): ClockSkew | undefined {
  const atMs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(atMs)) return undefined;
  const skewMs = Math.round(atMs + SECOND_MS / 2 - (askedMs + tookMs / 2));
  return { skewMs, toleranceMs: Math.ceil((SECOND_MS + tookMs) / 2) };
}
