import { BlockedError, SocketElError, TransientError } from '../../utils/errors.js';
import { quoteIdentifier, quoteLiteral } from './identifiers.js';
import type { PostgresProfile } from './settings.js';
import { classifySqlState, isTooMuch, stateBehindPooler } from './sqlstate.js';
import { isTlsFailure, tlsHint } from './tls-failure.js';

/** What of a profile an error message may name. */
export type SinkPlace = Pick<PostgresProfile, 'user' | 'database' | 'host' | 'port' | 'schema'>;

/** Whether the schema is being made ready, or rows are being loaded. */
export type SinkPhase = 'prepare' | 'load';

/** The table changed between plan and COPY: plan again, at once. */
export class ReplanError extends SocketElError {}

/** The server refuses rows; which ones has to be found out. */
export class RowRefusedError extends BlockedError {}

/** The server gave up; half as much at once may do. */
export class TooMuchError extends TransientError {}

/**
 * An error of the driver or the server as ours: transient, blocked with what to do, or to be planned again.
 * The server's `detail`, which can carry row values, is left out.
 */
export function toSinkError(error: unknown, place: SinkPlace, phase: SinkPhase): SocketElError {
  if (error instanceof SocketElError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const state = sqlStateOf(cause);
  if (state === undefined) return isFault(cause) ? faultOf(cause) : connectionError(cause, place);
  const message = `${place.database} at ${place.host}:${place.port}: ${cause.message} (SQLSTATE ${state})`;
  const kind = classifySqlState(state);
  if (kind === 'retry') {
    const Retried = isTooMuch(state) ? TooMuchError : TransientError;
    return new Retried({ code: 'sink.connection', message }, { cause });
  }
  if (kind === 'replan') return new ReplanError({ code: 'sink.replan', message }, { cause });
  if (kind === 'row') return new RowRefusedError({ code: 'sink.statement', message }, { cause });
  return new BlockedError({ code: 'sink.refused', message, hint: hintFor(state, place, phase) }, { cause });
}

/** What to do about a refusal, with the statement to run where there is one. */
function hintFor(state: string, place: SinkPlace, phase: SinkPhase): string | undefined {
  const role = quoteIdentifier(place.user);
  switch (state) {
    case '28000':
      return `is there a role ${role}, does pg_hba.conf of the server let it in from here, and only with TLS or without (sslmode: in the profile)?`;
    case '28P01':
      return `correct the password in the profile, or run as superuser: ALTER ROLE ${role} PASSWORD ${quoteLiteral('…')};`;
    case '3D000':
      return `run: CREATE DATABASE ${quoteIdentifier(place.database)} OWNER ${role};`;
    case '42501':
      return phase === 'prepare' ? schemaHint(place) : tableHint(place);
    default:
      return undefined;
  }
}

function schemaHint({ user, database, schema }: SinkPlace): string {
  const role = quoteIdentifier(user);
  const place = `run in database ${quoteIdentifier(database)}`;
  if (schema === 'public')
    return `${place} ${waysToSchema('feeds', role)} then set schema: feeds in the profile; or let it into public: GRANT CREATE ON SCHEMA public TO ${role};`;
  const name = quoteIdentifier(schema);
  return `${place} ${waysToSchema(name, role)} or, when the schema is there: GRANT USAGE, CREATE ON SCHEMA ${name} TO ${role};`;
}

/** To give a schema to another role its maker must be a member of that, which an owner of the database need not be. */
function waysToSchema(schema: string, role: string): string {
  const own = `CREATE SCHEMA ${schema} AUTHORIZATION ${role};`;
  return `as a superuser: ${own} or as its owner: CREATE SCHEMA ${schema}; GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role};`;
}

function tableHint({ user, database, schema }: SinkPlace): string {
  const [role, name] = [quoteIdentifier(user), quoteIdentifier(schema)];
  const rights = `GRANT USAGE, CREATE ON SCHEMA ${name} TO ${role}; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ${name} TO ${role};`;
  return `run in database ${quoteIdentifier(database)} as owner of the tables: ${rights} to add columns the role must own the table: ALTER TABLE ${name}.… OWNER TO ${role};`;
}

/** An error of our own code would come again and again; the runner is restarted, and given up in the end. */
function isFault(error: Error): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}

function faultOf(cause: Error): SocketElError {
  return new SocketElError({ code: 'runner.failed', message: 'the load failed' }, { cause });
}

function sqlStateOf(error: Error): string | undefined {
  const code = (error as { code?: unknown }).code;
  const isServer = 'severity' in error && typeof code === 'string';
  return isServer ? stateBehindPooler(code, error.message) : undefined;
}

/** What TLS and a missing password lead to does not pass by itself; everything else about a connection may. */
function connectionError(cause: Error, { host, port }: SinkPlace): SocketElError {
  const message = `expected PostgreSQL at ${host}:${port}`;
  const hint = isTlsFailure(cause) ? tlsHint(cause) : passwordHint(cause);
  if (hint === undefined) return new TransientError({ code: 'sink.connection', message }, { cause });
  return new BlockedError({ code: 'sink.refused', message, hint }, { cause });
}

/** The driver notices by itself that the server asks for a password and there is none. */
function passwordHint({ message }: Error): string | undefined {
  return /password must be a/.test(message)
    ? 'the server asks for a password; write password: into the profile, or set PGPASSWORD'
    : undefined;
}
