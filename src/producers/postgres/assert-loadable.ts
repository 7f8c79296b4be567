import type { ClientBase } from 'pg';
import { BlockedError } from '../../utils/errors.js';
import type { Catalogue } from './catalogue.js';
import type { TablePolicy } from './disposition.js';
import { quoteIdentifier, quoteTable } from './identifiers.js';

interface TablePlace {
  readonly schema: string;
  readonly table: string;
}

/** `pg_class.relkind` of what is no table of the server's own. */
const KINDS: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
  c: 'a composite type',
  i: 'an index',
  I: 'an index',
};

/**
 * Whether rows can be loaded into what has the table's name exactly once.
 *
 * @throws BlockedError with the reason, and what to do
 */
export async function assertLoadable(
  client: ClientBase,
  place: TablePlace,
  policy: TablePolicy,
  catalogue: Catalogue,
): Promise<void> {
  const reason = refusal(place, policy, catalogue);
  if (reason !== undefined) throw refused(place, reason);
  if (catalogue === undefined || policy.disposition !== 'merge') return;
  const missing = policy.primaryKey.find((name) => catalogue.columns.get(name)?.isWritable !== true);
  if (missing !== undefined)
    throw refused(place, {
      got: `it has no column "${missing}" whose values can be given, as primary_key demands`,
      hint: 'primary_key names columns of the table, upper and lower case as there',
    });
  if (!(await hasUniqueIndex(client, place, policy.primaryKey)))
    throw refused(place, {
      got: `it has no unique index on its key (${policy.primaryKey.join(', ')})`,
      hint: `run as its owner: CREATE UNIQUE INDEX ON ${quoteTable(place.schema, place.table)} (${policy.primaryKey.map(quoteIdentifier).join(', ')});`,
    });
}

interface Refusal {
  readonly got: string;
  readonly hint: string;
}

function refusal(place: TablePlace, policy: TablePolicy, catalogue: Catalogue): Refusal | undefined {
  const name = quoteTable(place.schema, place.table);
  if (catalogue === undefined) {
    if (policy.contract !== 'freeze') return undefined;
    return {
      got: 'there is none, and schema_contract: freeze makes none',
      hint: 'socket-el ddl <config> prints the statement that makes it, once schema_contract is evolve',
    };
  }
  const kind = KINDS[catalogue.kind];
  if (kind !== undefined)
    return {
      got: `it is ${kind}`,
      hint: 'COPY needs a table: load into one, and let the other be made from it',
    };
  if (catalogue.persistence === 'u')
    return {
      got: 'it is UNLOGGED: after a crash of the server it would be empty, and its batches would count as loaded',
      hint: `run: ALTER TABLE ${name} SET LOGGED;`,
    };
  if (catalogue.hasRules)
    return {
      got: 'it has rules, which COPY passes over',
      hint: 'make them triggers, or load into another table',
    };
  return undefined;
}

function refused({ schema, table }: TablePlace, { got, hint }: Refusal): BlockedError {
  const message = `${quoteTable(schema, table)}: expected a table to load into, but ${got}`;
  return new BlockedError({ code: 'sink.refused', message, hint });
}

async function hasUniqueIndex(
  client: ClientBase,
  { schema, table }: TablePlace,
  columns: readonly string[],
): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM pg_catalog.pg_index i
      WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indimmediate
        AND i.indpred IS NULL AND i.indexprs IS NULL
        AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text COLLATE "C")
               FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = i.indrelid AND a.attnum = ANY((i.indkey::int2[])[0:i.indnkeyatts - 1])) = $2::text[]`,
    [quoteTable(schema, table), [...columns].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))],
  );
  return rows.length > 0;
}
