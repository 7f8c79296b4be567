import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { checkSql, checkTable, gapSql } from './final-check.mjs';
import { FILE_COLUMNS } from './numbered-file.mjs';
import { FILE, SCHEMA, SOCKET } from './pipeline.mjs';
import { sealedMessages } from './stage-lines.mjs';
import { alignedLines, grouped, statusLine } from './status-line.mjs';

const OWN_TABLES = ['_socket_el_loads', '_socket_el_gaps', '_socket_el_dead_letters'];
/** The keys of a message of the feed. */
const FEED_COLUMNS = [
  'seq',
  'exchange',
  'base',
  'quote',
  'direction',
  'price',
  'volume',
  'timestamp',
  '"priceUsd"',
];

/**
 * Compares the tables with what they must hold, and says what it found and how.
 *
 * @param {import('./stand.mjs').Stand} stand without a run; its folder is kept when something is wrong
 * @param {import('./status-line.mjs').Counts} counts get the final figures
 * @param {(text: string) => void} print
 * @returns {Promise<boolean>} whether nothing is lost, nothing doubled, and each time without reception on record
 */
export async function judge(stand, counts, print) {
  const client = new pg.Client(stand.server.url);
  // It fails where it is waited for.
  client.on('error', () => {});
  await client.connect();
  try {
    print(preface(stand, counts));
    const findings = [];
    for (const owed of owedOf(stand)) findings.push(await checkTable(client, owed));
    const { rows } = await client.query(gapSql(SCHEMA, SOCKET));
    for (const figure of ['rows', 'lost', 'doubled']) counts[figure] = sum(findings, figure);
    print([...report(findings), '', ...gapLines(rows[0]), '', statusLine(counts)].join('\n'));
    const isExact = counts.lost === 0 && counts.doubled === 0 && rows[0].unrecorded === 0;
    if (isExact) return true;
    await keepEvidence(client, stand, findings);
    print(
      `\nWhat there is to look at is kept in ${stand.folder}; the first differences are in differences.txt.`,
    );
    return false;
  } finally {
    await client.end();
  }
}

/** What the engine has of its own in the database goes into the folder, and that stays. */
async function keepEvidence(client, { folder, kept }, findings) {
  kept.isEvidence = true;
  for (const table of OWN_TABLES) {
    const { rows } = await client.query(`SELECT * FROM ${SCHEMA}.${table}`);
    writeFileSync(join(folder, `${table}.ndjson`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  const examples = findings.flatMap(({ table, examples }) => examples.map((text) => `${table}: ${text}`));
  writeFileSync(join(folder, 'differences.txt'), `${examples.join('\n')}\n`);
}

/** @param {import('./stand.mjs').Stand} stand */
function owedOf({ file, stages, witness }) {
  return [
    { table: `${SCHEMA}.${FILE}`, columns: FILE_COLUMNS, lines: file.read() },
    {
      table: `${SCHEMA}.${SOCKET}`,
      columns: FEED_COLUMNS,
      lines: both(sealedMessages(stages.socket), witness.lines),
    },
  ];
}

function* both(first, second) {
  yield* first;
  yield* second;
}

function preface({ file }, { killed }) {
  return `
Owed are all ${grouped(file.lines)} lines of the file, and all messages of the socket that stand in its stage or stood
there at one of the ${killed} SIGKILLs, as read from the files. Of each source, with its owed lines as a table:

${checkSql(`${SCHEMA}.${FILE}`, FILE_COLUMNS)};
`;
}

function report(findings) {
  const heading = ['table', 'owed', 'rows', 'lost', 'doubled'];
  const rows = findings.map((finding) => heading.map((figure) => finding[figure]));
  return alignedLines([heading, ...rows]);
}

function gapLines({ missed, stretches, unrecorded }) {
  const gaps = `${SCHEMA}._socket_el_gaps`;
  return [
    `Not lost, as they never were in the stage: ${grouped(missed)} messages that the feed sent while socket-el was dead,`,
    'starting, or not yet done with writing them.',
    `They are missing in ${stretches} places, of which ${stretches - unrecorded} are on record in ${gaps}.`,
  ];
}

function sum(findings, figure) {
  return findings.reduce((total, finding) => total + finding[figure], 0);
}
