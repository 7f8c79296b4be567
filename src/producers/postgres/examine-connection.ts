import { messageOf, type SocketElError } from '../../utils/errors.js';
import type { Finding, Fix } from '../../utils/examination.js';
import { reachHint } from '../../utils/reach-hint.js';
import { quoteIdentifier, quoteLiteral } from './identifiers.js';
import type { PostgresProfile } from './settings.js';
import { toSinkError } from './sink-error.js';

/** A profile, and where it is written. */
export interface ProfilePlace {
  readonly profile: PostgresProfile;
  readonly profileName: string;
  readonly profileFiles: readonly string[];
}

/** Why a server could not be reached or refused us, and the ways out. */
export function connectionFinding(error: unknown, place: ProfilePlace): Finding {
  const sinkError = toSinkError(error, place.profile, 'prepare');
  const fixes = fixesFor(error as Error, place);
  const hint = sinkError.hint ?? reachHint(error);
  const words = hint === undefined ? whenMute(sinkError, place) : [{ text: hint, paste: [] }];
  const text = messageOf(sinkError);
  return { state: 'problem', text, fixes: fixes.length > 0 ? fixes : words, key: 'profile' };
}

/** Something took the connection and answered nothing that the driver knows. */
function whenMute({ code, cause }: SocketElError, place: ProfilePlace): readonly Fix[] {
  const isServer = cause instanceof Error && 'severity' in cause;
  if (code !== 'sink.connection' || isServer) return [];
  return [inProfile(place, 'what listens there does not answer as PostgreSQL does: look at host and port')];
}

function fixesFor(error: Error, place: ProfilePlace): readonly Fix[] {
  const { user, database } = place.profile;
  const role = quoteIdentifier(user);
  switch ((error as { code?: unknown }).code) {
    case '28P01':
      return [inProfile(place, 'correct the password'), asSuperuser(setPassword(role))];
    case '28000':
      return refusedFixes(error.message, place);
    case '3D000':
      return [
        asSuperuser(`CREATE DATABASE ${quoteIdentifier(database)} OWNER ${role};`),
        inProfile(place, 'correct the name of the database'),
      ];
    case '42501':
      return [asSuperuser(`GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${role};`)];
    case '53300':
      return [{ text: 'end other connections, or raise max_connections on the server', paste: [] }];
    default:
      return [];
  }
}

/** The server has no rule for us, or the role is not there, or it may not log in. */
function refusedFixes(message: string, place: ProfilePlace): readonly Fix[] {
  const { user, database } = place.profile;
  const role = quoteIdentifier(user);
  if (!message.includes('pg_hba')) {
    const verb = message.includes('not permitted') ? 'ALTER' : 'CREATE';
    return [
      asSuperuser(`${verb} ROLE ${role} LOGIN PASSWORD ${quoteLiteral('…')};`),
      inProfile(place, 'correct the user'),
    ];
  }
  const rule = `hostssl  ${database}  ${user}  samenet  scram-sha-256`;
  const wantsTls = /no encryption|SSL off/i.test(message);
  const encrypt = wantsTls ? [inProfile(place, 'ask for TLS', 'sslmode: require')] : [];
  return [...encrypt, { text: 'let us in: add to pg_hba.conf on the server, then reload it', paste: [rule] }];
}

function setPassword(role: string): string {
  return `ALTER ROLE ${role} PASSWORD ${quoteLiteral('…')};`;
}

function asSuperuser(statement: string): Fix {
  return { text: 'run on that server as a superuser', paste: [statement] };
}

function inProfile({ profileName, profileFiles }: ProfilePlace, what: string, line?: string): Fix {
  const text = `${what} in profile ${profileName} (${profileFiles.join(', ')})`;
  return { text, paste: line === undefined ? [] : [line] };
}
