import type { ClientBase } from 'pg';

/** What the server says of itself and of our role. */
export interface ServerState {
  readonly version: string;
  readonly role: string;
  readonly database: string;
  readonly databaseOwner: string;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly synchronousCommit: string;
  readonly mayCreateSchema: boolean;
  readonly mayMakeTemporary: boolean;
  readonly isEncrypted: boolean;
  readonly tlsVersion: string | null;
  readonly tlsCipher: string | null;
}

/** A schema, and what our role may do in it. */
export interface SchemaState {
  readonly owner: string;
  readonly mayUse: boolean;
  readonly mayCreate: boolean;
}

export type TableRight = 'INSERT' | 'SELECT' | 'UPDATE' | 'DELETE';

/** A table, or what has its name, and what our role may do with it. */
export interface RelationState {
  readonly name: string;
  /** `pg_class.relkind` in words. */
  readonly kind: string;
  readonly isUnlogged: boolean;
  readonly owner: string;
  /** Whether our role is the owner, or has the owner's rights. */
  readonly isOwner: boolean;
  readonly rights: readonly TableRight[];
  /** Row-level security applies to our role. */
  readonly isRowSecured: boolean;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isRequired: boolean }[];
}

const SERVER = `
  SELECT current_setting('server_version') AS version, current_user AS role, current_database() AS database,
         pg_get_userbyid(d.datdba) AS "databaseOwner", pg_encoding_to_char(d.encoding) AS encoding,
         pg_is_in_recovery() AS "isStandby", current_setting('default_transaction_read_only') = 'on' AS "isReadOnly",
         current_setting('fsync') AS fsync, current_setting('full_page_writes') AS "fullPageWrites",
         current_setting('synchronous_commit') AS "synchronousCommit",
         has_database_privilege(d.oid, 'CREATE') AS "mayCreateSchema",
         has_database_privilege(d.oid, 'TEMPORARY') AS "mayMakeTemporary",
         coalesce(s.ssl, false) AS "isEncrypted", s.version AS "tlsVersion", s.cipher AS "tlsCipher"
    FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_stat_ssl s ON s.pid = pg_backend_pid()
   WHERE d.datname = current_database()`;

const SCHEMA = `
  SELECT pg_get_userbyid(nspowner) AS owner, has_schema_privilege(oid, 'USAGE') AS "mayUse",
         has_schema_privilege(oid, 'CREATE') AS "mayCreate"
    FROM pg_catalog.pg_namespace WHERE nspname = $1`;

/** By the catalogue alone: a look-up by name, such as to_regclass, is refused in a schema without USAGE. */
const RELATIONS = `
  SELECT c.relname AS name, c.relpersistence = 'u' AS "isUnlogged", pg_get_userbyid(c.relowner) AS owner,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'f' THEN 'foreign table'
           WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index' ELSE 'type' END AS kind,
         pg_has_role(c.relowner, 'USAGE') AS "isOwner", row_security_active(c.oid) AS "isRowSecured",
         ARRAY(SELECT r FROM unnest($3::text[]) r WHERE has_table_privilege(c.oid, r)) AS rights,
         coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
             'isRequired', a.attnotnull AND NOT a.atthasdef AND a.attidentity = '') ORDER BY a.attnum)
             FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
           '[]') AS columns
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = ANY($2)`;

const RIGHTS: readonly TableRight[] = ['INSERT', 'SELECT', 'UPDATE', 'DELETE'];

export async function readServer(client: ClientBase): Promise<ServerState> {
  const { rows } = await client.query<ServerState>(SERVER);
  return rows[0] as ServerState;
}

/** The schema of that name; undefined when there is none. */
export async function readSchema(client: ClientBase, schema: string): Promise<SchemaState | undefined> {
  const { rows } = await client.query<SchemaState>(SCHEMA, [schema]);
  return rows[0];
}

/** Those of the names that a schema has, by name. */
export async function readRelations(
  client: ClientBase,
  schema: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, RelationState>> {
  const { rows } = await client.query<RelationState>(RELATIONS, [schema, names, RIGHTS]);
  return new Map(rows.map((row) => [row.name, row]));
}
