import type { ClientBase } from 'pg';
import { createDeadLetters, DEAD_LETTER_TABLE } from './dead-letters.js';
import { createGaps, GAP_TABLE } from './gaps.js';
import { quoteIdentifier } from './identifiers.js';
import { createLedger, LEDGER_TABLE } from './ledger.js';

/** Our own tables, by name. */
const TABLES: Readonly<Record<string, (schema: string) => string>> = {
  [LEDGER_TABLE]: createLedger,
  [DEAD_LETTER_TABLE]: createDeadLetters,
  [GAP_TABLE]: createGaps,
};

const PREPARE_LOCK = 0x736f636b;

/** Makes the schema and our own tables where they are missing; rights are needed only for what is. */
export async function prepareSchema(client: ClientBase, schema: string): Promise<void> {
  const missing = await missingStatements(client, schema);
  if (missing.length === 0) return;
  await client.query("BEGIN; SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = error");
  await client.query('SELECT pg_advisory_xact_lock($1, 0)', [PREPARE_LOCK]);
  for (const statement of await missingStatements(client, schema)) await client.query(statement);
  await client.query('COMMIT');
}

/** The statements that make what is missing. */
export async function missingStatements(client: ClientBase, schema: string): Promise<readonly string[]> {
  // Not `to_regclass`, which is an error where the schema may not be used.
  const { rows } = await client.query<{ name: string | null }>(
    `SELECT c.relname AS name FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
        AND c.relname = ANY($2) WHERE n.nspname = $1`,
    [schema, Object.keys(TABLES)],
  );
  const present = new Set(rows.map(({ name }) => name));
  const own = Object.entries(TABLES).filter(([name]) => !present.has(name));
  const schemas = rows.length === 0 ? [`CREATE SCHEMA ${quoteIdentifier(schema)}`] : [];
  return [...schemas, ...own.map(([, create]) => create(schema))];
}
