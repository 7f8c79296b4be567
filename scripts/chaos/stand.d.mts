import type { PostgresServer } from '../postgres-server.mjs';

/** Everything around `socket-el run`. */
export interface Stand {
  readonly folder: string;
  readonly kept: { isEvidence: boolean };
  readonly server: PostgresServer;
}
