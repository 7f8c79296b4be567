import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import copyStreams from 'pg-copy-streams';

const EXAMPLES = 20;

/**
 * @typedef {object} Owed what a table must hold
 * @property {string} table with its schema
 * @property {readonly string[]} columns
 * @property {Iterable<Buffer> | AsyncIterable<Buffer>} lines JSON documents with a number each, cut anywhere
 */

/**
 * @typedef {object} Finding
 * @property {string} table
 * @property {number} owed
 * @property {number} rows
 * @property {number} lost owed, and not in the table
 * @property {number} doubled in the table more often than owed
 * @property {readonly string[]} examples the first rows of both
 */

/**
 * Lines are numbered, so equal ones are one message that was seen twice. PostgreSQL reads them here, and nothing of the
 * engine.
 *
 * @param {string} table
 * @param {readonly string[]} columns
 */
const owedSql = (table, columns) => `CREATE TEMP TABLE owed AS
SELECT DISTINCT ${columns.map((column) => `owed.${column}`).join(', ')}
  FROM owed_lines, jsonb_populate_record(NULL::${table}, line) AS owed`;

/**
 * @param {string} table
 * @param {readonly string[]} columns
 * @returns {{ lost: string, doubled: string }} what is owed and not there, what is there more often than owed
 */
function differences(table, columns) {
  const there = `SELECT ${columns.join(', ')} FROM ${table}`;
  return { lost: `TABLE owed EXCEPT ALL ${there}`, doubled: `${there} EXCEPT ALL TABLE owed` };
}

/**
 * @param {string} table
 * @param {readonly string[]} columns
 * @returns {string} the question that decides, as it is printed and asked
 */
export function checkSql(table, columns) {
  const { lost, doubled } = differences(table, columns);
  return `SELECT
  (SELECT count(*) FROM owed)::int AS owed,
  (SELECT count(*) FROM ${table})::int AS rows,
  (SELECT count(*) FROM
    (${lost}) AS lost)::int AS lost,
  (SELECT count(*) FROM
    (${doubled}) AS doubled)::int AS doubled`;
}

/**
 * Compares a table with what it must hold, value by value: a value that is another is a row lost and a row too many.
 *
 * @param {import('pg').Client} client
 * @param {Owed} owed
 * @returns {Promise<Finding>}
 */
export async function checkTable(client, { table, columns, lines }) {
  await client.query(`SET work_mem = '256MB'; SET temp_buffers = '64MB'`);
  await client.query('DROP TABLE IF EXISTS owed, owed_lines; CREATE TEMP TABLE owed_lines (line jsonb)');
  await pipeline(Readable.from(escaped(lines)), client.query(copyStreams.from('COPY owed_lines FROM STDIN')));
  await client.query(owedSql(table, columns));
  const { rows } = await client.query(checkSql(table, columns));
  const isExact = rows[0].lost === 0 && rows[0].doubled === 0;
  const examples = isExact ? [] : await examplesOf(client, differences(table, columns));
  return { table, ...rows[0], examples };
}

/**
 * @param {import('pg').Client} client
 * @param {Record<string, string>} differences
 */
async function examplesOf(client, differences) {
  const examples = [];
  for (const [kind, sql] of Object.entries(differences)) {
    const { rows } = await client.query(`SELECT * FROM (${sql}) AS x ORDER BY seq LIMIT ${EXAMPLES}`);
    examples.push(...rows.map((row) => `${kind}: ${JSON.stringify(row)}`));
  }
  return examples;
}

/** As COPY wants it; byte by byte, as a piece may end within a character. */
async function* escaped(lines) {
  for await (const piece of lines)
    yield Buffer.from(piece.toString('latin1').replaceAll('\\', '\\\\'), 'latin1');
}

/**
 * @param {string} schema
 * @param {string} table of a source that cannot be read again, with `received_at`
 * @returns {string} how many messages in how many stretches are missing between those that were received, and how many of those
 *   stretches lie in no gap on record
 */
export function gapSql(schema, table) {
  return `SELECT coalesce(sum(seq - seq_before - 1), 0)::int AS missed, count(*)::int AS stretches,
       count(*) FILTER (WHERE NOT EXISTS (
         SELECT FROM ${schema}._socket_el_gaps AS gap
          WHERE consumer = '${table}' AND from_at <= received_at AND to_at >= received_before))::int AS unrecorded
  FROM (SELECT seq, received_at, lag(seq) OVER by_seq AS seq_before, lag(received_at) OVER by_seq AS received_before
          FROM ${schema}.${table} WINDOW by_seq AS (ORDER BY seq)) AS received
 WHERE seq > seq_before + 1`;
}
