/** A server with user `postgres`, password `password` and an empty database `test`. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** PostgreSQL's own, as `15.14`. */
  readonly version: string;
  readonly dataDir: string;
  /** Of the postmaster; undefined while the server is down. */
  readonly pid: number | undefined;
  readonly url: string;
  /** Stops the server and deletes its data; further calls wait for the first. */
  stop(): Promise<void>;
  /** Ends all of its processes at once without a checkpoint, as `pg_ctl stop -m immediate`; the data stay. */
  crash(): Promise<void>;
  /** Ends its sessions and then itself with a checkpoint, as `pg_ctl stop -m fast`; the data stay. */
  shutDown(): Promise<void>;
  /** Starts it on the same port and data, after `crash()` or `shutDown()`, or from running. */
  restart(): Promise<void>;
}

export interface PostgresOptions {
  /** Where the programs come from; default: the system's, else the embedded ones. */
  readonly version?: 'embedded' | 'system' | undefined;
  readonly log?: (line: string) => void;
}

/** Resolves when the server accepts connections; it ends with `stop()` or with the process. */
export function startPostgres(options?: PostgresOptions): Promise<PostgresServer>;
