import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.mjs';

export const SOCKET_EL = join(ROOT, 'bin/socket-el.js');
const ARGS = ['run', 'config.yml', '--profile-file', 'profile.yml', '--grace', '60s'];
const LAST_LINES = 15;

/** A process `socket-el run`; its log goes behind those before it. */
export class SocketElRun {
  #child;
  #exited;
  #log;
  #isAsked = false;
  #startedMs = performance.now();

  /**
   * @param {string} folder with configuration and profile
   * @param {(error: Error) => void} onSurprise called when it ends without being asked to
   */
  constructor(folder, onSurprise) {
    this.#log = join(folder, 'socket-el.log');
    const log = openSync(this.#log, 'a');
    // Detached, so that Ctrl-C reaches us alone.
    const options = { cwd: folder, env: environmentOf(folder), detached: true, stdio: ['ignore', log, log] };
    this.#child = spawn(process.execPath, [SOCKET_EL, ...ARGS], options);
    closeSync(log);
    this.#exited = once(this.#child, 'exit');
    this.#child.once('exit', (code, signal) => {
      if (!this.#isAsked) onSurprise(this.#unexpected(`ended by itself, ${signal ?? `exit code ${code}`}`));
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** How long it has been there. */
  get ageMs() {
    return performance.now() - this.#startedMs;
  }

  /** @returns {Promise<void>} when it is gone; as `kill -9` does */
  async kill() {
    this.#isAsked = true;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** @returns {Promise<void>} when it has loaded what is staged; rejects when it says that it failed */
  async end() {
    this.#isAsked = true;
    this.#child.kill('SIGINT');
    const [code, signal] = await this.#exited;
    if (code !== 0) throw this.#unexpected(`expected exit code 0, got ${signal ?? code}`);
  }

  #unexpected(what) {
    const words = readFileSync(this.#log, 'utf8').split('\n').slice(-LAST_LINES).join('\n');
    return new Error(`socket-el run (pid ${this.pid}): ${what}; the last of its log:\n${words}`);
  }
}

/** PG* variables of the caller must not reach it. @param {string} home */
function environmentOf(home) {
  const { PATH, TZ = 'UTC' } = process.env;
  return { HOME: home, PATH, TZ };
}
