import type { Finding, Fix } from '../../utils/examination.js';
import { quoteIdentifier } from './identifiers.js';
import type { SchemaState, ServerState } from './sink-state.js';

/** The role that stands for whoever owns the database. */
const DATABASE_OWNER = 'pg_database_owner';

/** A schema that rows are to go into. */
export interface WantedSchema {
  readonly name: string;
  readonly state: SchemaState | undefined;
  /** Tables that are not there, so that they would have to be made in it. */
  readonly missing: readonly string[];
}

/** Says whether a schema is there, or can be made, and whether the role may do there what it has to. */
export function schemaFindings(
  { name, state, missing }: WantedSchema,
  server: ServerState,
): readonly Finding[] {
  if (state === undefined) return [absentSchema(name, server)];
  const needed = [
    ...(state.mayUse ? [] : ['USAGE']),
    ...(state.mayCreate || missing.length === 0 ? [] : ['CREATE']),
  ];
  if (needed.length === 0) return [{ state: 'ok', text: `schema ${name} of ${state.owner}` }];
  const purpose = needed.includes('CREATE') ? `, where ${missing.join(', ')} would have to be made` : '';
  const text = `role ${server.role} has no ${needed.join(' and no ')} on schema ${name}${purpose}`;
  return [
    {
      state: 'problem',
      text,
      fixes: [grant(name, state, server, needed), ownSchema(server)],
      key: 'profile',
    },
  ];
}

function absentSchema(name: string, server: ServerState): Finding {
  const isOurs = server.mayCreateSchema;
  if (isOurs) return { state: 'ok', text: `schema ${name} is not there; it would be created` };
  const text = `schema ${name} is not there, and role ${server.role} may not create it in database ${server.database}`;
  return {
    state: 'problem',
    text,
    fixes: [createSchema(name, server), grantDatabase(server)],
    key: 'profile',
  };
}

function grant(name: string, state: SchemaState, server: ServerState, rights: readonly string[]): Fix {
  const owner = state.owner === DATABASE_OWNER ? server.databaseOwner : state.owner;
  const text = `run in database ${server.database} as ${owner}, who owns the schema, or as a superuser`;
  const paste = [
    `GRANT ${rights.join(', ')} ON SCHEMA ${quoteIdentifier(name)} TO ${quoteIdentifier(server.role)};`,
  ];
  return { text, paste };
}

/** Not with AUTHORIZATION: for that an owner who is no superuser would have to be a member of the role. */
function createSchema(name: string, { database, databaseOwner, role }: ServerState): Fix {
  const schema = quoteIdentifier(name);
  const text = `run in database ${database} as ${databaseOwner}, who owns it, or as a superuser`;
  const rights = `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${quoteIdentifier(role)};`;
  return { text, paste: [`CREATE SCHEMA ${schema};`, rights] };
}

/** A schema of the role's own keeps the rows apart from what others have. */
function ownSchema(server: ServerState): Fix {
  const { text, paste } = createSchema('feeds', server);
  return { text: `${text}, and write schema: feeds into the profile`, paste };
}

function grantDatabase({ database, databaseOwner, role }: ServerState): Fix {
  const statement = `GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(role)};`;
  return { text: `run as ${databaseOwner}, who owns the database, or as a superuser`, paste: [statement] };
}
