import type { ClientBase } from 'pg';
import type { SqlType } from './encode/codec-for.js';

/** A column as PostgreSQL's catalogue has it. */
export interface CatalogueColumn extends SqlType {
  readonly name: string;
  /** The type as statements name it, domains unresolved. */
  readonly typeName: string;
  readonly isNotNull: boolean;
  /** NOT NULL and without a default. */
  readonly isRequired: boolean;
  /** The expression whose value a row gets that is inserted without one; null when there is none. */
  readonly defaultText: string | null;
  /** Whether its value may be given: not generated, not an identity that is always generated. */
  readonly isWritable: boolean;
}

/** A relation of a table's name. */
interface CatalogueTable {
  readonly columns: ReadonlyMap<string, CatalogueColumn>;
  /** `pg_class.relkind`: r and p are tables. */
  readonly kind: string;
  /** `pg_class.relpersistence`: p is permanent, u unlogged. */
  readonly persistence: string;
  readonly hasRules: boolean;
}

/** A table's columns by name; undefined when there is no such table. */
export type Catalogue = CatalogueTable | undefined;

interface CatalogueRow extends CatalogueColumn {
  readonly kind: string;
  readonly persistence: string;
  readonly hasRules: boolean;
}

/** A domain is followed to the type that it is made of; the modifier is that of the last domain that gives one. */
const BASE_TYPE = `
  WITH RECURSIVE chain AS (
    SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, a.atttypmod AS modifier,
           t.typnotnull AS required, t.typdefault IS NOT NULL AS defaulted
      FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
     UNION ALL
    SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, CASE WHEN c.modifier = -1 THEN c.typtypmod ELSE c.modifier END,
           c.required OR t.typnotnull, c.defaulted OR t.typdefault IS NOT NULL
      FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.typbasetype WHERE c.typtype = 'd')
  SELECT * FROM chain WHERE typtype <> 'd'`;

const typeName = (type: string) => `
  CASE WHEN ${type}.typtype = 'e' THEN 'enum'
       WHEN ${type}.typnamespace = 'pg_catalog'::regnamespace THEN ${type}.typname::text ELSE 'other' END`;

const COLUMNS = `
  SELECT c.relkind::text AS kind, c.relpersistence::text AS persistence, c.relhasrules AS "hasRules",
         a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS "typeName",
         ${typeName('t')} AS type, t.typcategory::text AS category, base.modifier,
         CASE WHEN e.oid IS NOT NULL THEN ${typeName('e')} END AS "elementType", e.oid::int8::float8 AS "elementOid",
         (SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_catalog.pg_enum l
           WHERE l.enumtypid = coalesce(e.oid, t.oid)) AS labels,
         a.attnotnull OR base.required AS "isNotNull",
         (a.attnotnull AND NOT a.atthasdef AND a.attidentity = '') OR (base.required AND NOT base.defaulted AND NOT a.atthasdef)
           AS "isRequired",
         CASE WHEN a.attidentity = 'd' THEN
                   format('nextval(%L::regclass)', pg_catalog.pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname))
              WHEN a.atthasdef THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS "defaultText",
         a.attgenerated = '' AND a.attidentity <> 'a' AS "isWritable"
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN LATERAL (${BASE_TYPE}) base ON true
    LEFT JOIN pg_catalog.pg_type t ON t.oid = base.oid
    LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1
   WHERE n.nspname = $1 AND c.relname = $2
   ORDER BY a.attnum`;

/** Reads a table's columns. */
export async function readCatalogue(client: ClientBase, schema: string, table: string): Promise<Catalogue> {
  const { rows } = await client.query<CatalogueRow>(COLUMNS, [schema, table]);
  const [first] = rows;
  if (first === undefined) return undefined;
  const columns = rows.filter(({ name }) => name !== null).map(toColumn);
  const { kind, persistence, hasRules } = first;
  return { columns: new Map(columns.map((column) => [column.name, column])), kind, persistence, hasRules };
}

function toColumn({
  kind: _kind,
  persistence: _persistence,
  hasRules: _rules,
  ...column
}: CatalogueRow): CatalogueColumn {
  return column;
}

/** Whether two looks at a table would give the same encoders. */
export function isSameCatalogue(a: Catalogue, b: Catalogue): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint(catalogue: Catalogue): string {
  if (catalogue === undefined) return 'none';
  return JSON.stringify({ ...catalogue, columns: [...catalogue.columns.values()] });
}

/** A column that does not exist yet, as the catalogue will have it. */
export function plannedColumn(name: string, type: string, isRequired = false): CatalogueColumn {
  const plain = { category: '', modifier: -1, labels: null, elementType: null, elementOid: null };
  return {
    ...plain,
    name,
    type,
    typeName: type,
    isNotNull: isRequired,
    isRequired,
    defaultText: null,
    isWritable: true,
  };
}
