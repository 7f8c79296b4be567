import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isMain } from './is-main.mjs';
import { giveTo, serverAccount } from './postgres-account.mjs';
import { findBinaries } from './postgres-binaries.mjs';
import {
  createServerFolder,
  readPidFile,
  reapOrphans,
  removeServerFolder,
  serversFolder,
} from './postgres-folders.mjs';

const HOST = '127.0.0.1';
const USER = 'postgres';
const PASSWORD = 'password';
const DATABASE = 'test';
const START_ATTEMPTS = 5;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

/**
 * Starts a PostgreSQL server of its own in a temporary folder, on a free port of the loopback interface. It outlives
 * Ctrl-C but not its owner: it ends with `stop()`, when the process exits, or, after a SIGKILL, at the next start.
 *
 * @param {object} [options]
 * @param {'embedded' | 'system'} [options.version] where its programs come from; default: the system's, else the embedded
 * @param {(line: string) => void} [options.log] is told of what takes time
 * @returns {Promise<PostgresServer>} when it accepts connections
 */
export async function startPostgres({ version, log = () => {} } = {}) {
  const account = serverAccount();
  const servers = serversFolder(account);
  await reapOrphans(servers, log);
  const folder = createServerFolder(servers, account);
  try {
    const bin = await findBinaries({ version, account, copyTo: folder.programs });
    const server = new PostgresServer({ bin, account, folder });
    await server.create();
    log(`PostgreSQL ${server.version} (${bin}) at ${server.url}`);
    return server;
  } catch (error) {
    removeServerFolder(folder.root);
    throw error;
  }
}

class PostgresServer {
  host = HOST;
  user = USER;
  password = PASSWORD;
  database = DATABASE;
  version = '';
  port = 0;

  #bin;
  #account;
  #folder;
  #child;
  #exited;
  #stopped;
  #onExit = () => this.#abandon();

  constructor({ bin, account, folder }) {
    this.#bin = bin;
    this.#account = account;
    this.#folder = folder;
  }

  get dataDir() {
    return this.#folder.data;
  }

  get pid() {
    return this.#child?.pid;
  }

  get url() {
    return `postgres://${USER}:${PASSWORD}@${HOST}:${this.port}/${DATABASE}`;
  }

  async create() {
    const { stdout } = await this.#run('postgres', ['--version']);
    this.version = /[\d.]+\w*/.exec(stdout)?.[0] ?? stdout.trim();
    await this.#createCluster();
    await this.#createDatabase();
    process.once('exit', this.#onExit);
    await retry(async () => {
      this.port = await freePort();
      await this.#start();
    });
  }

  async #createCluster() {
    const passwordFile = join(this.#folder.run, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
    giveTo(passwordFile, this.#account);
    const who = ['--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
    // Only initdb's own files go unsynced: the server itself runs with its durable defaults.
    await this.#run('initdb', [
      '--pgdata',
      this.dataDir,
      ...who,
      '--encoding',
      'UTF8',
      '--locale',
      'C',
      '--no-sync',
    ]);
  }

  // The embedded programs have no psql, and this file runs without any npm package.
  async #createDatabase() {
    const options = ['--single', '-c', 'exit_on_error=on', '-D', this.dataDir, 'template1'];
    await this.#run('postgres', options, `CREATE DATABASE ${DATABASE}\n`);
  }

  #run(program, args, input) {
    const running = promisify(execFile)(join(this.#bin, program), args, this.#spawnOptions());
    // An empty text would be written too, to a program that may have ended.
    running.child.stdin.end(input);
    return running;
  }

  // PG* variables of the caller must not reach the server.
  #spawnOptions() {
    return { ...this.#account, cwd: this.#folder.root, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  }

  async #start() {
    const args = ['-D', this.dataDir, '-p', String(this.port), '-h', HOST, '-k', this.#folder.run];
    const log = openSync(this.#folder.log, 'w');
    const stdio = ['ignore', log, log];
    this.#child = spawn(join(this.#bin, 'postgres'), args, {
      ...this.#spawnOptions(),
      stdio,
      detached: true,
    });
    closeSync(log);
    this.#exited = once(this.#child, 'exit');
    this.#child.unref();
    await this.#ready();
  }

  async #ready() {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      const { pid, isReady } = readPidFile(this.dataDir);
      if (isReady && pid === this.pid) return;
      if (!this.#isUp()) break;
      await sleep(20);
    }
    await this.#end('SIGQUIT');
    throw new Error(`PostgreSQL did not start: ${readFileSync(this.#folder.log, 'utf8').slice(-2_000)}`);
  }

  #isUp() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #end(signal) {
    if (this.#isUp()) {
      this.#child.kill(signal);
      await this.#exitWithin(STOP_TIMEOUT_MS);
    }
    this.#child = undefined;
  }

  async #exitWithin(timeoutMs) {
    const timer = setTimeout(() => process.kill(-this.pid, 'SIGKILL'), timeoutMs);
    await this.#exited.finally(() => clearTimeout(timer));
  }

  async crash() {
    await this.#end('SIGQUIT');
  }

  async shutDown() {
    await this.#end('SIGINT');
  }

  async restart() {
    await this.#end('SIGINT');
    await retry(() => this.#start());
  }

  stop() {
    this.#stopped ??= this.#end('SIGINT').finally(() => this.#cleanUp());
    return this.#stopped;
  }

  #cleanUp() {
    process.removeListener('exit', this.#onExit);
    removeServerFolder(this.#folder.root);
  }

  // Nothing can be awaited in an exit listener; what is left here is reaped at the next start.
  #abandon() {
    if (this.#isUp()) this.#child.kill('SIGQUIT');
    removeServerFolder(this.#folder.root);
  }
}

/**
 * Another process may take the port between our look at it and the server's.
 *
 * @param {() => Promise<void>} start
 */
async function retry(start) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      await sleep(100 * attempt);
    }
  }
}

async function freePort() {
  const probe = createServer().listen(0, HOST);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

async function main() {
  const version = process.argv.includes('--embedded') ? 'embedded' : undefined;
  const server = await startPostgres({ version, log: (line) => console.error(line) });
  console.log(server.url);
  const alive = setInterval(() => {}, 60_000);
  const stop = () => server.stop().finally(() => clearInterval(alive));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
}

if (isMain(import.meta.url)) await main();
