import type { ClientBase } from 'pg';
import { createDeadLetters, DEAD_LETTER_TABLE } from './dead-letters.js';
import { createGaps, GAP_TABLE } from './gaps.js';
import { quoteIdentifier, quoteTable } from './identifiers.js';
import { createLedger, LEDGER_TABLE } from './ledger.js';

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
  const wanted = [
    {
      name: quoteIdentifier(schema),
      lookUp: 'to_regnamespace',
      statement: `CREATE SCHEMA ${quoteIdentifier(schema)}`,
    },
    { name: quoteTable(schema, LEDGER_TABLE), lookUp: 'to_regclass', statement: createLedger(schema) },
    {
      name: quoteTable(schema, DEAD_LETTER_TABLE),
      lookUp: 'to_regclass',
      statement: createDeadLetters(schema),
    },
    { name: quoteTable(schema, GAP_TABLE), lookUp: 'to_regclass', statement: createGaps(schema) },
  ];
  const missing: string[] = [];
  for (const { name, lookUp, statement } of wanted) {
    const { rows } = await client.query<{ found: boolean }>(`SELECT ${lookUp}($1) IS NOT NULL AS found`, [
      name,
    ]);
    if (!rows[0]?.found) missing.push(statement);
  }
  return missing;
}
