import { SCHEMA } from '../harness/database.mjs';

/**
 * `psql \copy` of a finished file into an empty table; psql's own start is in its time.
 *
 * @param {import('../harness/bench.mjs').Bench} bench
 * @param {{ file: string, format: 'CSV' | 'BINARY', table: string }} what
 * @returns {() => Promise<import('../harness/rounds.mjs').Sample>}
 */
export function psqlCopy({ database }, { file, format, table }) {
  return async () => {
    await database.reset([table]);
    return database.psql(['-c', `\\copy ${SCHEMA}.${table} FROM '${file}' ${format}`]);
  };
}
