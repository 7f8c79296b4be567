import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { giveTo, serverAccount } from '../../scripts/postgres-account.mjs';
import type { ProfileEntry } from './database.js';
import { findFreePort } from './free-port.js';
import { createTempFolder } from './temp-folder.js';
import { Hopeless, until } from './until.js';

/** Debian's, which is not on everybody's PATH. */
const SBIN = '/usr/sbin';

/**
 * Starts a pgbouncer before the server of a profile, until the test ends. It gives each transaction one of a few backends,
 * in turn, and refuses every start-up parameter that it does not track.
 *
 * @returns where to connect to instead of the server
 */
export async function startPooler(
  server: ProfileEntry,
  options: { readonly backends: number },
): Promise<{ readonly host: string; readonly port: number }> {
  const PATH = `${process.env.PATH}${delimiter}${SBIN}`;
  if (spawnSync('pgbouncer', ['--version'], { env: { PATH } }).error !== undefined)
    throw new Error('expected the program pgbouncer, got none; run: apt-get install pgbouncer');
  const port = await findFreePort();
  const path = await writeSettings(server, port, options.backends);
  const account = serverAccount();
  const child = spawn('pgbouncer', [path], {
    ...account,
    env: { PATH },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => stop(child));
  await untilListening(child, port);
  return { host: '127.0.0.1', port };
}

async function writeSettings(server: ProfileEntry, port: number, backends: number): Promise<string> {
  const folder = await createTempFolder();
  const [settings, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'users.txt')];
  await writeFile(users, `"${server.user}" "${server.password}"\n`, { mode: 0o600 });
  const text = `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${backends}
min_pool_size = ${backends}
server_round_robin = 1
`;
  await writeFile(settings, text, { mode: 0o600 });
  await chmod(folder, 0o700);
  for (const each of [folder, settings, users]) giveTo(each, serverAccount());
  return settings;
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const isListening = async () => {
    if (child.exitCode !== null) throw new Hopeless(`pgbouncer ended: ${said}`);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    return true;
  };
  await until(isListening, { timeoutMs: 10_000, what: 'pgbouncer that listens' });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
