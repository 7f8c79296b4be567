import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { onTestFinished } from 'vitest';

/** An entry of a profile file. */
export interface ProfileEntry {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly schema: string;
}

const SAMPLE_TABLE = /^(websocket_[12]|_socket_el_\w+)$/;

/** The address of the superuser's server, from SOCKET_EL_TEST_POSTGRES. */
export function serverUrl(): URL {
  const address = process.env.SOCKET_EL_TEST_POSTGRES;
  if (!address)
    throw new Error(
      'SOCKET_EL_TEST_POSTGRES: expected the URL of a PostgreSQL superuser, got nothing; run `npm test`',
    );
  return new URL(address);
}

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function withAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect('postgres');
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connect(database: string): Promise<pg.Client> {
  const url = serverUrl();
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** A database of one test's own, with a superuser's connection to look into it from outside, made anew when it broke. */
export class TestDatabase {
  readonly name: string;
  #client: Promise<pg.Client> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Another connection to the same database, closed when the running test ends. */
  openSession(): Promise<TestDatabase> {
    return openDatabase(this.name);
  }

  /** Connects unless it is connected. */
  connect(): Promise<pg.Client> {
    this.#client ??= this.#connectNow();
    return this.#client;
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.end();
  }

  async #connectNow(): Promise<pg.Client> {
    const forget = () => {
      this.#client = undefined;
    };
    try {
      const client = await connect(this.name);
      return client.once('error', forget).once('end', forget);
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** The superuser's profile entry; with `changes`, such as a proxy's port. */
  profile(changes: Partial<ProfileEntry> = {}): ProfileEntry {
    const { username, password, hostname, port } = serverUrl();
    const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
    const address = { host: hostname, port: Number(port || 5432), database: this.name };
    return { user, password: secret, ...address, schema: 'test', ...changes };
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = await this.connect();
    return (await client.query<Row>(text, values)).rows;
  }

  async hasTable(table: string): Promise<boolean> {
    const [row] = await this.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
      table,
    ]);
    return row?.there ?? false;
  }

  /** The number of rows, 0 while the table is not there. */
  async count(table: string): Promise<number> {
    if (!(await this.hasTable(table))) return 0;
    const [row] = await this.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
    return Number(row?.count);
  }

  /** Column names with their types as PostgreSQL prints them, without those that begin with `_`. */
  async columnTypes(table: string): Promise<Record<string, string>> {
    const rows = await this.query<{ name: string; type: string }>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT LIKE '\\_%'`,
      [table],
    );
    return Object.fromEntries(rows.map(({ name, type }) => [name, type]));
  }

  /** Calls `visit` with all rows of a query, fetched ten thousand at a time in one snapshot. */
  async forEachRow(query: string, visit: (row: Record<string, unknown>) => void): Promise<void> {
    await this.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await this.query(`DECLARE all_rows CURSOR FOR ${query}`);
    for (;;) {
      const rows = await this.query<Record<string, unknown>>('FETCH 10000 FROM all_rows');
      for (const row of rows) visit(row);
      if (rows.length === 0) break;
    }
    await this.query('ROLLBACK');
  }
}

async function openDatabase(name: string): Promise<TestDatabase> {
  const database = new TestDatabase(name);
  onTestFinished(() => database.close());
  await database.connect();
  return database;
}

async function createNamed(name: string): Promise<TestDatabase> {
  await withAdmin((admin) => admin.query(`CREATE DATABASE ${quoteName(name)}`));
  onTestFinished(async () => {
    await withAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS ${quoteName(name)} WITH (FORCE)`));
  });
  return openDatabase(name);
}

/** A new database with a name of its own, dropped when the running test ends. */
export function createDatabase(): Promise<TestDatabase> {
  return createNamed(`socket_el_${randomBytes(6).toString('hex')}`);
}

async function dropSampleSchema(database: TestDatabase): Promise<void> {
  const relations = await database.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace('test') AND relkind IN ('r', 'v', 'm', 'p')",
  );
  const foreign = relations.find(({ name }) => !SAMPLE_TABLE.test(name));
  if (foreign)
    throw new Error(`schema test of database test: expected the sample's tables only, got ${foreign.name}`);
  await database.query('DROP SCHEMA IF EXISTS test CASCADE');
}

/** The database `test` of the sample profile without a schema `test`; one that holds somebody's own tables is refused. */
export async function openSampleDatabase(): Promise<TestDatabase> {
  const found = await withAdmin((admin) => admin.query("SELECT 1 FROM pg_database WHERE datname = 'test'"));
  const database = await (found.rows.length > 0 ? openDatabase('test') : createNamed('test'));
  await dropSampleSchema(database);
  onTestFinished(() => dropSampleSchema(database));
  return database;
}

/** A login role without any rights, dropped when the running test ends. Make it before the database that it uses. */
export async function createRole(): Promise<{ user: string; password: string }> {
  const user = `socket_el_${randomBytes(6).toString('hex')}`;
  const password = "it's-a \\secret";
  await withAdmin((admin) => admin.query(`CREATE ROLE ${user} LOGIN PASSWORD 'it''s-a \\secret'`));
  onTestFinished(async () => {
    await withAdmin((admin) => admin.query(`DROP ROLE IF EXISTS ${user}`));
  });
  return { user, password };
}

/** Whether the server lets these credentials in. */
export async function isAccepted(profile: ProfileEntry): Promise<boolean> {
  const client = new pg.Client(profile);
  client.on('error', () => {});
  const accepted = await client.connect().then(
    () => true,
    () => false,
  );
  await client.end();
  return accepted;
}
