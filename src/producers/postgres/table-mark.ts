import type { ClientBase } from 'pg';
import { quoteLiteral, quoteTable } from './identifiers.js';

/** `FirstNormalObjectId` of PostgreSQL: what has a lower number nobody made or can change. */
const FIRST_OWN_OID = 16_384;

interface MarkRow {
  readonly mark: string | null;
}

/**
 * Says which versions of the catalogue's rows describe a table: as long as that is the same, so are its columns. It costs
 * a fraction of reading them. Who wants both asks for the mark first, so that no change between the two is missed.
 *
 * @returns undefined when there is no table, or what its columns are is also written elsewhere, as with domains, enums
 * and identities
 */
export async function readMark(
  client: ClientBase,
  schema: string,
  table: string,
): Promise<string | undefined> {
  const { rows } = await client.query<MarkRow>(markOf(quoteTable(schema, table)));
  return rows[0]?.mark ?? undefined;
}

/** Locks a table so that its columns stay as they are, and gives its mark. */
export async function lockAndMark(
  client: ClientBase,
  schema: string,
  table: string,
): Promise<string | undefined> {
  const name = quoteTable(schema, table);
  const results = (await client.query(
    `LOCK TABLE ${name} IN ROW EXCLUSIVE MODE; ${markOf(name)}`,
  )) as unknown as readonly { readonly rows: readonly MarkRow[] }[];
  return results[1]?.rows[0]?.mark ?? undefined;
}

function markOf(name: string): string {
  return `
    SELECT CASE WHEN bool_and(a.attisdropped OR (a.atttypid < ${FIRST_OWN_OID} AND a.attidentity = '')) THEN
             concat_ws(' ', c.oid, c.ctid, c.xmin, string_agg(concat_ws(' ', a.ctid, a.xmin), ',' ORDER BY a.attnum),
                       (SELECT string_agg(concat_ws(' ', d.ctid, d.xmin), ',' ORDER BY d.adnum)
                          FROM pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid)) END AS mark
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.oid = to_regclass(${quoteLiteral(name)})
     GROUP BY c.oid, c.ctid, c.xmin`;
}
