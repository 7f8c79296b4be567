import { afterAll, afterEach, beforeAll } from 'vitest';
import { type PostgresServer, startPostgres } from '../../scripts/postgres-server.mjs';

/**
 * Gives the tests of a file a server of their own, for faults that other tests must not see. A test that leaves it down
 * does not take the next one with it.
 *
 * @returns asks for the server, within a test
 */
export function useOwnPostgres(): () => PostgresServer {
  let server: PostgresServer | undefined;
  const here = (): PostgresServer => {
    if (server === undefined) throw new Error('expected to be asked within a test');
    return server;
  };
  beforeAll(async () => {
    server = await startPostgres();
    process.env.SOCKET_EL_TEST_POSTGRES = server.url;
  }, 60_000);
  afterEach(async () => {
    if (server?.pid === undefined) await server?.restart();
  });
  afterAll(() => server?.stop());
  return here;
}
