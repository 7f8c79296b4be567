import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SHAPES } from '../feed/shapes/index.mjs';
import { SCHEMA } from './database.mjs';

const LINES_AT_ONCE = 2_000;

/**
 * Rows of a feed as files that are finished before any clock starts, and the table that they make.
 *
 * @typedef {object} FinishedFiles
 * @property {string} csv
 * @property {string} binary of PostgreSQL's COPY
 * @property {string} fingerprint of the table with exactly these rows
 */

/**
 * @param {import('./database.mjs').Database} database
 * @param {string} folder
 * @param {{ shape: string, count: number }} what
 * @returns {Promise<FinishedFiles>}
 */
export async function writeFinishedFiles(database, folder, { shape, count }) {
  const { columns, row } = SHAPES[shape];
  const files = { csv: join(folder, `${shape}.csv`), binary: join(folder, `${shape}.bin`) };
  const names = Object.keys(columns);
  await writeLines(files.csv, count, (seq) => csvLine(names, row(seq, count)));
  await database.createTable('finished', columns);
  await database.psql(['-c', `\\copy ${SCHEMA}.finished FROM '${files.csv}' CSV`]);
  await database.psql(['-c', `\\copy ${SCHEMA}.finished TO '${files.binary}' BINARY`]);
  const fingerprint = await database.fingerprint('finished');
  await database.query(`DROP TABLE ${SCHEMA}.finished`);
  return { ...files, fingerprint };
}

/**
 * The messages of a feed, one a line.
 *
 * @param {string} path
 * @param {{ shape: string, count: number }} what
 */
export function writeMessages(path, { shape, count }) {
  const { message } = SHAPES[shape];
  return writeLines(path, count, (seq) => message(seq, count));
}

/**
 * @param {string} path
 * @param {number} count
 * @param {(seq: number) => string} line without its newline
 */
export function writeLines(path, count, line) {
  return pipeline(Readable.from(linesOf(count, line)), createWriteStream(path));
}

function* linesOf(count, line) {
  for (let seq = 0; seq < count; ) {
    const lines = [];
    for (const end = Math.min(count, seq + LINES_AT_ONCE); seq < end; seq++) lines.push(line(seq));
    yield `${lines.join('\n')}\n`;
  }
}

function csvLine(names, row) {
  return names.map((name) => csvCell(row[name])).join(',');
}

function csvCell(value) {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
