import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** The program itself, if it can be found: the one on PATH may be a script that first looks for it. */
export const PSQL = findPsql();

function findPsql() {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const paths = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN_FOLDER, version, 'bin/psql'));
  return paths.find((path) => existsSync(path)) ?? 'psql';
}

/**
 * Variables by which psql finds a server, and nothing else of ours.
 *
 * @param {import('../../scripts/postgres-server.d.mts').PostgresServer} server
 */
export function psqlEnvironment({ user, password, host, port, database }) {
  return {
    PATH: process.env.PATH,
    PGUSER: user,
    PGPASSWORD: password,
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
  };
}
