import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { timedRun } from './child.mjs';
import { nowMs } from './clock.mjs';
import { cpuSecondsOfFamily } from './processes.mjs';
import { PSQL, psqlEnvironment } from './psql.mjs';

export const SCHEMA = 'bench';
const LOOK_MS = 5;
/** The looks take no more than this part of the time, however large the ledger is. */
const LOOK_SHARE = 0.05;
/** Near the end they are closer together: a look that comes late is time that nobody needed. */
const NEAR_END = 0.75;
const LAST_LOOKS_SHARE = 0.2;
const UNDEFINED_TABLE = '42P01';
const DURABLE = ['fsync', 'synchronous_commit', 'full_page_writes'];

/** The database of the bench: what is asked of it beside the runs, and `psql`. */
export class Database {
  #server;
  #client;

  /** @param {import('../../scripts/postgres-server.d.mts').PostgresServer} server */
  constructor(server) {
    this.#server = server;
  }

  get server() {
    return this.#server;
  }

  /** An entry of a profile file. */
  get profile() {
    const { user, password, database, host, port } = this.#server;
    return { user, password, database, host, port, schema: SCHEMA };
  }

  async open() {
    this.#client = new pg.Client(this.#server.url);
    this.#client.on('error', () => {});
    await this.#client.connect();
    await this.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
    await this.#assertDurable();
  }

  /** Also when the server is away. */
  async close() {
    await this.#client.end().catch(() => {});
  }

  /** @returns {Promise<Record<string, unknown>[]>} */
  async query(sql) {
    return (await this.#client.query(sql)).rows;
  }

  /**
   * Makes a plain table anew.
   *
   * @param {string} table
   * @param {Record<string, string>} columns
   * @param {readonly string[]} [constraints]
   */
  async createTable(table, columns, constraints = []) {
    const parts = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
    await this.query(`DROP TABLE IF EXISTS ${SCHEMA}.${table}`);
    await this.query(`CREATE TABLE ${SCHEMA}.${table} (${[...parts, ...constraints].join(', ')})`);
  }

  /**
   * Empties tables, and the ledger, and writes what waits to be written, so that no round pays for the one before.
   *
   * @param {readonly string[]} tables
   */
  async reset(tables) {
    const own = await this.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = '${SCHEMA}' AND tablename LIKE '\\_socket\\_el\\_%'`,
    );
    const names = [...tables, ...own.map(({ tablename }) => tablename)];
    if (names.length > 0) await this.query(`TRUNCATE ${names.map((name) => `${SCHEMA}.${name}`).join(', ')}`);
    await this.query('CHECKPOINT');
  }

  /** Messages that the ledger says are committed. */
  async loadedMessages() {
    try {
      const [{ sum }] = await this.query(`SELECT sum(messages) FROM ${SCHEMA}._socket_el_loads`);
      return Number(sum);
    } catch (error) {
      if (error.code === UNDEFINED_TABLE) return 0;
      throw error;
    }
  }

  /**
   * Looks until so many messages are committed: rows and ledger are of one transaction.
   *
   * @param {number} messages
   * @param {(committed: number, atMs: number) => void} [onLook]
   * @param {number} [intervalMs]
   * @returns {Promise<number>} when they were seen
   */
  async untilLoaded(messages, onLook = () => {}, intervalMs = LOOK_MS) {
    for (;;) {
      const beforeMs = nowMs();
      const committed = await this.loadedMessages();
      const atMs = nowMs();
      onLook(committed, atMs);
      if (committed >= messages) return atMs;
      const share = committed >= NEAR_END * messages ? LAST_LOOKS_SHARE : LOOK_SHARE;
      await sleep(Math.max(intervalMs, (atMs - beforeMs) / share));
    }
  }

  /**
   * What tells tables apart: the number of rows, and a sum over their contents that knows no order.
   *
   * @param {string} table
   */
  async fingerprint(table) {
    const [row] = await this.query(
      `SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)), 0) AS sum FROM ${SCHEMA}.${table} t`,
    );
    return `${row.rows} rows, sum ${row.sum}`;
  }

  /**
   * @param {string} table
   * @param {string} expected a fingerprint
   */
  async assertFingerprint(table, expected) {
    const found = await this.fingerprint(table);
    if (found !== expected) throw new Error(`${table}: expected ${expected}, found ${found}`);
  }

  /**
   * Runs `psql`, timed.
   *
   * @param {readonly string[]} args such as `-c`, `\copy …`
   */
  async psql(args) {
    const before = this.cpuSeconds();
    const command = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...args];
    const run = await timedRun(PSQL, command, { env: psqlEnvironment(this.#server) });
    return { ...run, serverCpuSeconds: this.cpuSeconds() - before };
  }

  /** CPU seconds of the server with all its processes so far. */
  cpuSeconds() {
    return cpuSecondsOfFamily(this.#server.pid);
  }

  async #assertDurable() {
    for (const name of DURABLE) {
      const [row] = await this.query(`SHOW ${name}`);
      if (row[name] !== 'on')
        throw new Error(`PostgreSQL: expected ${name} = on, its default, got ${row[name]}`);
    }
  }
}
