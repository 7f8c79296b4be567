import type { ClientBase } from 'pg';
import { quoteLiteral, quoteTable } from './identifiers.js';

/** `FirstNormalObjectId` of PostgreSQL: what has a lower number nobody made or can change. */
const FIRST_OWN_OID = 16_384;

/** A table, by name. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** What the statement of `markOf` gives; no row, or no mark, for a table that has none. */
export interface MarkRow {
  readonly mark?: string | null;
}

/**
 * Reads the mark of a table: which versions of the catalogue's rows describe it. As long as that is the same, so are its
 * columns, and it costs a fraction of reading them. Who wants both asks for the mark first, so that no change between
 * the two is missed.
 *
 * @returns undefined when there is no table, or what its columns are is also written elsewhere, as with domains, enums
 * and identities
 */
export async function readMark(client: ClientBase, name: TableName): Promise<string | undefined> {
  // Not by `regclass`, which is an error where the schema may not be used.
  const namespace = `SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ${quoteLiteral(name.schema)}`;
  const oid = `SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = (${namespace}) AND relname = ${quoteLiteral(name.table)}`;
  const { rows } = await client.query<MarkRow>(markOf(`(${oid})`));
  return rows[0]?.mark ?? undefined;
}

/** Locks a table so that its columns stay as they are, and gives its mark. */
export async function lockAndMark(client: ClientBase, name: TableName): Promise<string | undefined> {
  const results = (await client.query(lockAndMarkOf(name))) as unknown as readonly {
    readonly rows: readonly MarkRow[];
  }[];
  return results[1]?.rows[0]?.mark ?? undefined;
}

/** Two statements: the lock, then the mark. */
export function lockAndMarkOf({ schema, table }: TableName): string {
  const name = quoteTable(schema, table);
  return `LOCK TABLE ${name} IN ROW EXCLUSIVE MODE; ${markOf(`${quoteLiteral(name)}::regclass`)}`;
}

function markOf(oid: string): string {
  return `
    SELECT CASE WHEN bool_and(a.attisdropped OR (a.atttypid < ${FIRST_OWN_OID} AND a.attidentity = '')) THEN
             concat_ws(' ', c.oid, c.ctid, c.xmin, string_agg(concat_ws(' ', a.ctid, a.xmin), ',' ORDER BY a.attnum),
                       (SELECT string_agg(concat_ws(' ', d.ctid, d.xmin), ',' ORDER BY d.adnum)
                          FROM pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid)) END AS mark
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.oid = ${oid}
     GROUP BY c.oid, c.ctid, c.xmin`;
}
