import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { checkTable, type Finding, gapSql } from '../../scripts/chaos/final-check.mjs';
import { lookIntoTables } from '../../scripts/chaos/live-look.mjs';
import { createDatabase, serverUrl } from '../support/database.js';

const TABLES = `
  CREATE SCHEMA chaos;
  CREATE TABLE chaos.from_file (seq bigint, note text);
  CREATE TABLE chaos.from_socket (seq bigint, received_at timestamptz);
  CREATE TABLE chaos._socket_el_gaps (consumer text, from_at timestamptz, to_at timestamptz)`;
const NOTES = ['plain', '\\.', 'Grüße\t東京', '', '"quoted"\\N\n'];
const LINES = NOTES.map((note, seq) => JSON.stringify({ seq, note }));

interface Tables {
  readonly client: Client;
  readonly url: string;
}

async function createTables(): Promise<Tables> {
  const { name } = await createDatabase();
  const url = serverUrl();
  url.pathname = name;
  const client = new Client(url.href);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(TABLES);
  for (const [seq, note] of NOTES.entries())
    await client.query('INSERT INTO chaos.from_file VALUES ($1, $2)', [seq, note]);
  await client.query('INSERT INTO chaos.from_socket SELECT generate_series(0, 9), now()');
  return { client, url: url.href };
}

/** The file's lines in pieces that end anywhere, one of them twice. */
function owedLines(): Buffer[] {
  const bytes = Buffer.from([...LINES, LINES[1], ''].join('\n'));
  return [bytes.subarray(0, 57), bytes.subarray(57)];
}

async function check({ client }: Tables): Promise<Partial<Finding>> {
  const table = 'chaos.from_file';
  const { lost, doubled, ...rest } = await checkTable(client, {
    table,
    columns: ['seq', 'note'],
    lines: owedLines(),
  });
  expect(rest).toMatchObject({ table, owed: LINES.length });
  return { lost, doubled };
}

test('a table with each owed row once is exact', async () => {
  expect(await check(await createTables())).toEqual({ lost: 0, doubled: 0 });
});

test('a row that was deleted is lost, and one that is there twice is doubled', async () => {
  const tables = await createTables();
  await tables.client.query('DELETE FROM chaos.from_file WHERE seq = 2');
  expect(await check(tables)).toEqual({ lost: 1, doubled: 0 });
  await tables.client.query('INSERT INTO chaos.from_file SELECT * FROM chaos.from_file WHERE seq = 3');
  expect(await check(tables)).toEqual({ lost: 1, doubled: 1 });
});

test('a row with another value is one lost and one too many, and named', async () => {
  const tables = await createTables();
  await tables.client.query(`UPDATE chaos.from_file SET note = 'Plain' WHERE seq = 0`);
  const { lost, doubled, examples } = await checkTable(tables.client, {
    table: 'chaos.from_file',
    columns: ['seq', 'note'],
    lines: owedLines(),
  });
  expect({ lost, doubled }).toEqual({ lost: 1, doubled: 1 });
  expect(examples).toEqual(['lost: {"seq":"0","note":"plain"}', 'doubled: {"seq":"0","note":"Plain"}']);
});

test('the look during a run sees a hole in the file, what stood in the stage, and what is there twice', async () => {
  const { client, url } = await createTables();
  const stood = [
    { from: 2, to: 5 },
    { from: 8, to: 30 },
  ];
  expect(await lookIntoTables(url, stood)).toEqual({ fileLines: 5, rows: 15, lost: 0, doubled: 0 });
  await client.query('DELETE FROM chaos.from_file WHERE seq = 1');
  await client.query('DELETE FROM chaos.from_socket WHERE seq IN (4, 6)');
  await client.query('INSERT INTO chaos.from_socket VALUES (7, now())');
  expect(await lookIntoTables(url, stood)).toEqual({ fileLines: 5, rows: 13, lost: 2, doubled: 1 });
});

test('the look during a run waits for a database or tables that are not there', async () => {
  const { client, url } = await createTables();
  await client.query('DROP SCHEMA chaos CASCADE');
  expect(await lookIntoTables(url, [])).toBeUndefined();
  expect(await lookIntoTables('postgres://postgres@127.0.0.1:1/test', [])).toBeUndefined();
});

test('messages that are missing between two that were received are to lie in a gap on record', async () => {
  const { client } = await createTables();
  await client.query(`TRUNCATE chaos.from_socket; INSERT INTO chaos.from_socket
    VALUES (0, '2026-01-01 00:00:00Z'), (1, '2026-01-01 00:00:01Z'), (5, '2026-01-01 00:00:05Z'), (9, '2026-01-01 00:00:09Z')`);
  const found = async () => (await client.query(gapSql('chaos', 'from_socket'))).rows[0];
  expect(await found()).toEqual({ missed: 6, stretches: 2, unrecorded: 2 });
  await client.query(
    `INSERT INTO chaos._socket_el_gaps VALUES ('from_socket', '2026-01-01 00:00:02Z', '2026-01-01 00:00:04Z')`,
  );
  expect(await found()).toEqual({ missed: 6, stretches: 2, unrecorded: 1 });
});
