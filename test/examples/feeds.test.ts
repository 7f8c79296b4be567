import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type RunnerSummary, runnerOf, startCli } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type LiveFeed, startFeed } from '../support/live-feed.js';
import { createTempFolder } from '../support/temp-folder.js';
import { createWorkspace } from '../support/workspace.js';

const FEEDS = fileURLToPath(new URL('../../examples/feeds/', import.meta.url));
const SCHEMA_LINE = '# yaml-language-server: $schema=../../docs/reference/config.schema.json\n';
const CONSUMER = /^runners:\n(.*)^ {2}- name: warehouse\b/ms;
const MERGE = /^ *# tables: \{(\w+: \{write_disposition: merge, .*?\})\}/m;

/** What a table must hold when the fixture was loaded: `fixtures/<feed>.expected.json`. Values are PostgreSQL's text. */
interface Expected {
  readonly table: string;
  /** Messages of the fixture that a rule of `ignore` passes over. */
  readonly ignored: number;
  /** Types as information_schema names them. */
  readonly columns: Readonly<Record<string, string>>;
  /** A column in which all rows differ, with its values in the order of the fixture. */
  readonly key: string;
  readonly keys: readonly string[];
  /** One row without `received_at`. */
  readonly row: Row;
  /** Rows that are left when they are merged; of a recipe with a commented line for that. */
  readonly distinct?: number;
  /** What the feed answers when it refuses a subscription, where it does. */
  readonly refusal?: object;
}

type Row = Readonly<Record<string, string | null>>;

const recipes = readdirSync(FEEDS)
  .filter((file) => file.endsWith('.yml'))
  .map((file) => basename(file, '.yml'));
const recipeOf = (name: string) => readFileSync(join(FEEDS, `${name}.yml`), 'utf8');
const fixtureOf = (name: string) =>
  readFileSync(join(FEEDS, 'fixtures', `${name}.ndjson`), 'utf8')
    .trimEnd()
    .split('\n');
const expectedOf = (name: string) =>
  JSON.parse(readFileSync(join(FEEDS, 'fixtures', `${name}.expected.json`), 'utf8')) as Expected;
const atAddress = (config: string, address: string) => config.replace(/uri: \S+/, `uri: ${address}`);

/** Starts `feed serve` with these messages and waits for its address. */
async function serve(messages: readonly string[]): Promise<string> {
  const folder = await createTempFolder();
  const replay = join(folder, 'messages.ndjson');
  await writeFile(replay, messages.join('\n'));
  const args = ['feed', 'serve', '--port', '0', '--replay', replay];
  const feed = startCli(args, { home: folder, cwd: folder });
  const printed = () => /^feed: (ws:\S+)\n$/.exec(feed.stdout)?.[1];
  return feed.whileRunning(printed, { timeoutMs: 10_000, what: 'the address of the feed' });
}

/** Runs a configuration until each source sent so many messages, and they are in the database's schema `feeds`. */
async function load(config: string, messages: number, into: TestDatabase): Promise<RunnerSummary> {
  const workspace = await createWorkspace(config, into.profile({ schema: 'feeds' }));
  const cli = workspace.run('--max-messages', String(messages));
  await cli.expectExit(0, 20_000);
  return runnerOf(cli.summary(), 'warehouse');
}

/** The consumer of a recipe, at a channel of its own with these messages. */
async function consumerOf(name: string, messages: readonly string[], feed: LiveFeed): Promise<string> {
  const frames = messages.map((message) => ({ bytes: Buffer.from(message), binary: false }));
  await feed.openScript(`/${name}`, frames);
  return atAddress(CONSUMER.exec(recipeOf(name))?.[1] as string, feed.uri(`/${name}`));
}

/** Many recipes in one pipeline, because a process for each would take its time. */
function joined(consumers: readonly string[], tables: readonly string[] = []): string {
  const names = namesOf(consumers).join(', ');
  const producer = `{name: warehouse, type: producer, variety: postgres, depends_on: [${names}], tables: {${tables.join(', ')}}}`;
  return `runners:\n${consumers.join('')}  - ${producer}\n`;
}

function namesOf(consumers: readonly string[]): readonly string[] {
  return consumers.map((consumer) => /- name: (\w+)/.exec(consumer)?.[1] as string);
}

async function columnTypes(database: TestDatabase, table: string): Promise<Record<string, string>> {
  const columns = await database.query<{ column_name: string; data_type: string }>(
    "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'feeds' AND table_name = $1",
    [table],
  );
  return Object.fromEntries(columns.map(({ column_name, data_type }) => [column_name, data_type]));
}

/** All rows in the order in which they were loaded, every value as PostgreSQL's text. */
async function rowsOf(database: TestDatabase, table: string): Promise<readonly Row[]> {
  await database.query("SET TIME ZONE 'UTC'");
  const found = await database.query<{ row: Row }>(
    `SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS row
     FROM feeds."${table}" t ORDER BY t.ctid`,
  );
  return found.map(({ row }) => row);
}

test('the README of the recipes lists each of them', () => {
  const readme = readFileSync(join(FEEDS, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| \[(\w+)\]\(\1\.yml\) \|/gm)].map((match) => match[1]);
  expect(listed.sort()).toEqual(recipes.toSorted());
});

test.each(recipes)('the recipe %s is without problems', async (name) => {
  const folder = await createTempFolder();
  const profile = join(folder, 'profile.yml');
  const text = 'postgres: {user: a, password: b, database: c, host: 127.0.0.1}\n';
  await writeFile(profile, text, { mode: 0o600 });
  const args = ['validate', join(FEEDS, `${name}.yml`), '--profile-file', profile];
  const cli = startCli(args, { home: folder, cwd: folder, env: { FINNHUB_TOKEN: 'a-token' } });
  await cli.expectExit(0);
  expect(cli.stdout).toContain(`pipeline ${name}, 2 runners, no problems`);
  expect(cli.stderr).toBe('');
  expect(recipeOf(name).startsWith(SCHEMA_LINE)).toBe(true);
});

test.each(recipes)(
  'the recipe %s loads each row of its fixture, value by value, and ignores the rest',
  async (name) => {
    const { table, ignored, columns, key, keys, row } = expectedOf(name);
    const messages = fixtureOf(name);
    const database = await createDatabase();
    const config = atAddress(recipeOf(name), `${await serve(messages)}/${name}`);
    const producer = await load(config, messages.length, database);
    expect(producer).toMatchObject({
      rows: keys.length,
      loaded: keys.length,
      ignored,
      dead: 0,
      discarded: 0,
    });
    expect(await database.count('feeds._socket_el_dead_letters')).toBe(0);
    expect(await columnTypes(database, table)).toEqual(columns);
    const rows = await rowsOf(database, table);
    expect(rows.map((each) => each[key])).toEqual(keys);
    const found = rows.find((each) => each[key] === row[key]);
    expect(found).toEqual({ ...row, received_at: expect.stringMatching(/^\d{4}-/) });
  },
);

test('with its commented line for merge, every recipe keeps each row once when all come twice', async () => {
  const mergeable = recipes.filter((name) => MERGE.test(recipeOf(name)));
  expect(mergeable).toEqual(recipes.filter((name) => expectedOf(name).distinct !== undefined));
  const feed = await startFeed();
  const length = 2 * Math.max(...mergeable.map((name) => fixtureOf(name).length));
  const consumers = await Promise.all(
    mergeable.map((name) => consumerOf(name, repeated(fixtureOf(name), length), feed)),
  );
  const tables = mergeable.map((name) => MERGE.exec(recipeOf(name))?.[1] as string);
  const database = await createDatabase();
  expect(await load(joined(consumers, tables), length, database)).toMatchObject({ dead: 0, discarded: 0 });
  for (const { table, distinct } of mergeable.map(expectedOf)) {
    expect({ table, rows: await database.count(`feeds."${table}"`) }).toEqual({ table, rows: distinct });
  }
});

/** These messages again and again. */
function repeated(messages: readonly string[], length: number): readonly string[] {
  return Array.from({ length }, (_, i) => messages[i % messages.length] as string);
}

test('every recipe makes a dead letter of a refused subscription, so that it is seen', async () => {
  const feed = await startFeed();
  const refusals = recipes.flatMap((name) => {
    const { refusal } = expectedOf(name);
    return refusal === undefined ? [] : [consumerOf(name, [JSON.stringify(refusal)], feed)];
  });
  const consumers = await Promise.all(refusals);
  const database = await createDatabase();
  const producer = await load(joined(consumers), 1, database);
  expect(producer).toMatchObject({ messages: consumers.length, loaded: 0, ignored: 0 });
  const letters = await database.query<{ consumer: string }>(
    'SELECT consumer FROM feeds._socket_el_dead_letters',
  );
  expect(letters.map(({ consumer }) => consumer).sort()).toEqual(namesOf(consumers).toSorted());
});
