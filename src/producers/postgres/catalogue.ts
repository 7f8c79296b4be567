import type { ClientBase } from 'pg';

/** A column as PostgreSQL's catalogue has it. */
export interface CatalogueColumn {
  readonly name: string;
  /** `pg_type.typname`, such as `int8`. */
  readonly type: string;
  /** `pg_attribute.atttypmod`: -1, or what `varchar(n)` and `numeric(p,s)` add. */
  readonly modifier: number;
  /** NOT NULL and without a default. */
  readonly isRequired: boolean;
  /** Whether its value may be given: not generated, not an identity that is always generated. */
  readonly isWritable: boolean;
}

/** A table's columns by name; undefined when there is no such table. */
export type Catalogue = ReadonlyMap<string, CatalogueColumn> | undefined;

const COLUMNS = `
  SELECT a.attname AS name, t.typname AS type, a.atttypmod AS modifier,
         a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS "isRequired",
         a.attgenerated = '' AND a.attidentity <> 'a' AS "isWritable"
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
   ORDER BY a.attnum`;

/** Reads a table's columns. */
export async function readCatalogue(client: ClientBase, schema: string, table: string): Promise<Catalogue> {
  const { rows } = await client.query<CatalogueColumn>(COLUMNS, [schema, table]);
  if (rows.length === 0) return undefined;
  return new Map(rows.filter(({ name }) => name !== null).map((column) => [column.name, column]));
}

/** Whether two looks at a table would give the same encoders. */
export function isSameCatalogue(a: Catalogue, b: Catalogue): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint(catalogue: Catalogue): string {
  if (catalogue === undefined) return 'none';
  return JSON.stringify([...catalogue.values()].map((column) => Object.values(column)));
}
