import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** @param {string} folder of the stages */
export function printStage(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const rows = files
    .map((file) => ({ file, status: lstatSync(join(folder, file)) }))
    .filter(({ status }) => status.isFile())
    .map(({ file, status }) => ({ file, bytes: status.size }));
  console.log(`\nThe stages, in ${folder}:\n`);
  printTable(rows);
}

/**
 * Prints what the tables hold.
 *
 * @param {string} url
 * @param {string} schema
 * @param {string[]} tables
 * @returns {Promise<void>} rejects when one is empty or holds a message twice
 */
export async function printResult(url, schema, tables) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const from = tables.map((table) => ({
      table,
      name: `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`,
    }));
    const counts = await rowsOf(client, countsSql(from));
    console.log('\nRows, and how many of them are different messages:\n');
    printTable(counts);
    const trades = tradesSql(from);
    console.log(`\n${trades}\n`);
    printTable(await rowsOf(client, trades));
    checkCounts(counts);
  } finally {
    await client.end();
  }
}

function countsSql(from) {
  const one = ({ table, name }) =>
    `SELECT '${table}' AS "table", count(*)::int AS rows, count(DISTINCT seq)::int AS messages FROM ${name}`;
  return `${from.map(one).join('\nUNION ALL ')}\nORDER BY 1`;
}

function tradesSql(from) {
  const one = ({ name }) => `SELECT exchange, base, price, seq FROM ${name}`;
  return `SELECT exchange, base, count(*), round(avg(price::numeric), 4) AS avg_price, min(seq), max(seq)
FROM (${from.map(one).join(' UNION ALL ')}) AS trades
GROUP BY 1, 2 ORDER BY 1, 2`;
}

async function rowsOf(client, sql) {
  const { rows } = await client.query(sql);
  return rows;
}

function checkCounts(counts) {
  for (const { table, rows, messages } of counts) {
    if (rows === 0) throw new Error(`${table}: expected rows, found none`);
    if (rows !== messages)
      throw new Error(`${table}: expected each message once, found ${rows} rows of ${messages} messages`);
  }
}

/** @param {Record<string, unknown>[]} rows of the same columns; numbers stand to the right */
function printTable(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index].length)));
  const isNumber = (text) => /^-?[\d.]+$/.test(text);
  const pad = (text, width) => (isNumber(text) ? text.padStart(width) : text.padEnd(width));
  for (const row of cells)
    console.log(
      `  ${row
        .map((text, index) => pad(text, widths[index]))
        .join('  ')
        .trimEnd()}`,
    );
}
