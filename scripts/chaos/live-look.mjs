import pg from 'pg';
import { FILE, SCHEMA, SOCKET } from './pipeline.mjs';

const TIMEOUT_MS = 10_000;

/** The numbers are sorted in memory: the look is to disturb the load little. */
const OPTIONS = '-c work_mem=128MB';

/** Rows of a source are committed in the order in which they were read, so below the highest number all is decided. */
const LOOK = `
WITH file AS (SELECT count(*) AS rows, count(DISTINCT seq) AS numbers, max(seq) AS top FROM ${SCHEMA}.${FILE}),
     socket AS (SELECT count(*) AS rows, count(DISTINCT seq) AS numbers, max(seq) AS top FROM ${SCHEMA}.${SOCKET}),
     stood AS (SELECT generate_series(a, least(b, top)) AS seq
                 FROM socket, unnest($1::bigint[], $2::bigint[]) AS stretch (a, b)),
     missing AS (SELECT count(*) AS messages FROM stood
                  WHERE NOT EXISTS (SELECT FROM ${SCHEMA}.${SOCKET} AS row WHERE row.seq = stood.seq))
SELECT coalesce(file.top + 1, 0)::int AS "fileLines",
       (file.rows + socket.rows)::int AS rows,
       (coalesce(file.top + 1, 0) - file.numbers + missing.messages)::int AS lost,
       (file.rows - file.numbers + socket.rows - socket.numbers)::int AS doubled
  FROM file, socket, missing`;

/**
 * @typedef {object} Look
 * @property {number} fileLines how far the file is loaded: the first number above all that are
 * @property {number} rows of both tables
 * @property {number} lost lines of the file below the highest that is loaded, and messages below the highest that is loaded
 *   that stood in the stage at a kill, that are not in their table
 * @property {number} doubled rows whose number another row has
 */

/**
 * Looks into the tables while they are being loaded.
 *
 * @param {string} url
 * @param {readonly { from: number, to: number }[]} stretches of messages that stood in the stage at a kill
 * @returns {Promise<Look | undefined>} undefined while there is no table or no database
 */
export async function lookIntoTables(url, stretches) {
  const client = new pg.Client({ connectionString: url, query_timeout: TIMEOUT_MS, options: OPTIONS });
  // It fails where it is waited for.
  client.on('error', () => {});
  try {
    await client.connect();
    const ends = [stretches.map(({ from }) => from), stretches.map(({ to }) => to)];
    const { rows } = await client.query(LOOK, ends);
    return rows[0];
  } catch (error) {
    if (isAway(error)) return undefined;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** No connection, a server that starts or stops, a schema or table that is not there yet. */
function isAway({ code = '', message }) {
  return /^(ECONN|EPIPE|57P|08|3F000|42P01)/.test(code) || /Connection terminated|timeout/i.test(message);
}
