import { type ClockSkew, clockFinding } from '../../utils/clock-skew.js';
import type { Finding, Fix } from '../../utils/examination.js';
import { isThisMachine } from '../../utils/this-machine.js';
import { type TlsFacts, tlsFinding } from '../../utils/tls-facts.js';
import { quoteIdentifier } from './identifiers.js';
import type { PostgresProfile } from './settings.js';
import type { ServerState } from './sink-state.js';

/** What is known of a server that let us in. */
export interface ReachedServer {
  readonly profile: PostgresProfile;
  readonly state: ServerState;
  /** Of our end of the connection; undefined when it is not encrypted. */
  readonly tls: TlsFacts | undefined;
  readonly clock: ClockSkew;
}

/** Says what of a server matters for loading. */
export function serverFindings(server: ReachedServer): readonly Finding[] {
  const { profile, state, clock } = server;
  const address = `${profile.host}:${profile.port}`;
  const [version] = state.version.split(' ');
  const reached = `PostgreSQL ${version} at ${address}: database ${state.database}, role ${state.role}`;
  return [
    { state: 'ok', text: reached },
    encryption(server),
    clockFinding(clock),
    ...readOnly(state),
    ...encoding(state),
    ...durability(state),
  ];
}

/** A merge gathers its rows in a temporary table. */
export function temporaryTables({ role, database, mayMakeTemporary }: ServerState): readonly Finding[] {
  if (mayMakeTemporary) return [];
  const place = `${quoteIdentifier(database)} TO ${quoteIdentifier(role)}`;
  const text = `role ${role} may not make temporary tables, which write_disposition: merge needs`;
  return [{ state: 'problem', text, fixes: [asSuperuser(`GRANT TEMPORARY ON DATABASE ${place};`)] }];
}

function encryption({ tls, profile }: ReachedServer): Finding {
  if (tls !== undefined) return tlsFinding(tls);
  if (isThisMachine(profile.host)) return { state: 'ok', text: 'not encrypted, on this machine' };
  const fix = { text: 'add to the profile, when the server can do TLS', paste: ['sslmode: verify-full'] };
  return { state: 'note', text: 'not encrypted: rows can be read and changed on the way', fixes: [fix] };
}

function readOnly({ isStandby, isReadOnly, role, database }: ServerState): readonly Finding[] {
  if (isStandby) {
    const fix = { text: 'give the host of the primary in the profile', paste: [] };
    return [{ state: 'problem', text: 'the server is a standby: it can only be read', fixes: [fix] }];
  }
  if (!isReadOnly) return [];
  const place = `${quoteIdentifier(role)} IN DATABASE ${quoteIdentifier(database)}`;
  const fix = asSuperuser(`ALTER ROLE ${place} SET default_transaction_read_only = off;`);
  const text = `transactions of role ${role} are read-only (default_transaction_read_only)`;
  return [{ state: 'problem', text, fixes: [fix] }];
}

function encoding({ encoding: found, database }: ServerState): readonly Finding[] {
  if (found === 'UTF8') return [];
  const statement = `CREATE DATABASE ${quoteIdentifier(`${database}_utf8`)} ENCODING 'UTF8' TEMPLATE template0;`;
  const text = `the database is encoded in ${found}: rows with other characters become dead letters`;
  return [{ state: 'note', text, fixes: [asSuperuser(statement)] }];
}

/** What we acknowledge rests on the server's word that it is on disk. */
function durability({ fsync, fullPageWrites, synchronousCommit }: ServerState): readonly Finding[] {
  const loss = 'a crash of the server may take rows that were committed';
  const settings = [
    { name: 'fsync', value: fsync, loss },
    { name: 'full_page_writes', value: fullPageWrites, loss },
    {
      name: 'synchronous_commit',
      value: synchronousCommit,
      loss: 'our own transactions turn it on, others do not',
    },
  ];
  return settings
    .filter(({ value }) => value === 'off')
    .map(({ name, loss: consequence }) => ({
      state: 'note',
      text: `${name} is off on the server: ${consequence}`,
      fixes: [asSuperuser(`ALTER SYSTEM SET ${name} = on;`, 'SELECT pg_reload_conf();')],
    }));
}

function asSuperuser(...paste: readonly string[]): Fix {
  return { text: 'run on that server as a superuser', paste };
}
