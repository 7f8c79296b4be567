import type pg from 'pg';
import { Deadline } from '../../utils/deadline.js';
import { Slots } from '../../utils/slots.js';
import { openPool } from './connect.js';
import type { PostgresProfile } from './settings.js';
import { type SinkPhase, toSinkError } from './sink-error.js';

const MAX_CONNECTIONS = 4;
/** Without progress for so long the attempt is given up; the ledger decides what came of it. */
const DEADLINE_MS: Readonly<Record<SinkPhase, number>> = { prepare: 30_000, load: 120_000 };

/** Work with a connection, which tells the deadline of its progress. */
export type ClientWork<T> = (client: pg.PoolClient, deadline: Deadline) => Promise<T>;

/** Lends connections to a sink, a few at once; who comes when all are lent waits, however long. */
export class Connections {
  readonly #applicationName: string;
  readonly #slots = new Slots(MAX_CONNECTIONS);
  #pool: pg.Pool | undefined;
  #profile: PostgresProfile | undefined;

  constructor(applicationName: string) {
    this.#applicationName = applicationName;
  }

  /**
   * Makes a pool for the profile. The one before stays until this one is made, and what it has lent stays in use: other
   * sources may be loading.
   *
   * @throws SocketElError as `toSinkError` sorts it, when the server had to be asked whether it takes TLS
   */
  async open(profile: PostgresProfile): Promise<void> {
    const before = this.#pool;
    const options = { applicationName: this.#applicationName, size: MAX_CONNECTIONS };
    const pool = await openPool(profile, options).catch((error: unknown) => {
      throw toSinkError(error, profile, 'prepare');
    });
    // An idle connection that breaks is replaced at the next load, which reports what it meets.
    pool.on('error', ignoreError);
    this.#pool = pool;
    this.#profile = profile;
    before?.end().catch(ignoreError);
  }

  /** Lends a connection; after an error it is destroyed, because nothing is known of its state. */
  async lend<T>(phase: SinkPhase, work: ClientWork<T>): Promise<T> {
    return this.#slots.use(() => this.#lendNow(phase, work));
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.end();
  }

  async #lendNow<T>(phase: SinkPhase, work: ClientWork<T>): Promise<T> {
    const profile = this.#profile as PostgresProfile;
    let client: pg.PoolClient | undefined;
    try {
      client = await (this.#pool as pg.Pool).connect();
      client.on('error', ignoreError);
      const deadline = new Deadline(DEADLINE_MS[phase], phase);
      const result = await deadline.watch(work(client, deadline));
      client.off('error', ignoreError);
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      throw toSinkError(error, profile, phase);
    }
  }
}

/** A connection that breaks also fails the statement that meets it, and that is the error that is reported. */
function ignoreError(): void {}
