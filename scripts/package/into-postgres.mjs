import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { assertGapless, MESSAGES } from './quick-start.mjs';
import { postgresConfig } from './readme-config.mjs';

/**
 * The README's configuration as it stands, into a schema of its own that is dropped afterwards.
 *
 * @param {import('./trial.mjs').Trial} trial
 * @param {{ feedUrl: string, server: string }} urls
 * @returns {Promise<void>} rejects with what was not as expected
 */
export async function tryIntoPostgres(trial, { feedUrl, server }) {
  const schema = `socket_el_package_${process.pid}`;
  writeProfile(trial.home, { url: server, schema });
  const config = trial.writeConfig('loaded', postgresConfig(trial.readme, feedUrl));
  await trial.socketEl(['validate', config]);
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    const run = ['run', config, '--json', '--max-messages', String(MESSAGES)];
    const loaded = loadedRows((await trial.socketEl(run)).stdout);
    await checkTable(client, `${schema}.trades`, loaded);
    console.log(`quick start: ${loaded} rows in PostgreSQL`);
  } finally {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`).finally(() => client.end());
  }
}

/** Where the README says that it is looked for; `init` has made one there. */
function writeProfile(home, entry) {
  mkdirSync(join(home, '.socket_el'), { recursive: true });
  const text = `postgres: ${JSON.stringify(entry)}\n`;
  writeFileSync(join(home, '.socket_el/profile.yml'), text, { mode: 0o600 });
}

/**
 * @param {string} printed by `--json`
 * @returns {number} how many rows it says it loaded
 */
function loadedRows(printed) {
  const { status, ended_by: endedBy, runners } = JSON.parse(printed);
  if (status !== 'succeeded' || endedBy !== 'messages')
    throw new Error(`run: expected to succeed, ended by messages, got ${status}, by ${endedBy}`);
  return runners.find(({ type }) => type === 'producer').loaded;
}

/**
 * @param {import('pg').Client} client
 * @param {string} table
 * @param {number} loaded
 */
async function checkTable(client, table, loaded) {
  const { rows } = await client.query(`SELECT seq::int FROM ${table}`);
  const count = assertGapless(
    `rows of ${table}`,
    rows.map(({ seq }) => seq),
  );
  if (count !== loaded) throw new Error(`${table}: expected ${loaded} rows, as run said, got ${count}`);
}
