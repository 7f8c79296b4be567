import { spawn } from 'node:child_process';
import { nowMs } from './clock.mjs';
import { cpuSecondsOfEnded } from './processes.mjs';

/** A program that was started and is ended with us, whatever happens. */
export class Child {
  startedMs = nowMs();
  #child;
  #output = '';
  #exited;
  #kill = () => this.#child.kill('SIGKILL');

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {import('node:child_process').SpawnOptions} [options]
   */
  constructor(command, args, options = {}) {
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.#child.stderr?.on('data', (chunk) => (this.#output += chunk));
    this.#exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => resolve({ code: code ?? signal, atMs: nowMs() }));
    });
    // Whoever waits is told; nobody need wait.
    this.#exited.catch(() => {});
    process.once('exit', this.#kill);
    void this.#exited.finally(() => process.removeListener('exit', this.#kill)).catch(() => {});
  }

  get pid() {
    return this.#child.pid;
  }

  get stdout() {
    return this.#child.stdout;
  }

  get stderr() {
    return this.#child.stderr;
  }

  /**
   * Waits for its end.
   *
   * @returns {Promise<{ code: number | string, atMs: number }>}
   * @throws unless its exit code is one of these
   */
  async exit(expected = [0]) {
    const ended = await this.#exited;
    if (!expected.includes(ended.code)) throw new Error(this.#unexpected(ended.code));
    return ended;
  }

  /** Never resolves; rejects when it ends, which it should not. */
  async failure() {
    const { code } = await this.#exited;
    throw new Error(this.#unexpected(code));
  }

  /** @param {NodeJS.Signals} signal */
  async end(signal, expected = [0, signal]) {
    this.#child.kill(signal);
    await this.exit(expected);
  }

  #unexpected(code) {
    const command = this.#child.spawnargs.slice(0, 4).join(' ');
    return `${command} …: ended with ${code}\n${this.#output.slice(-2_000)}`;
  }
}

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ ms: number, cpuSeconds: number }>} from before it was started
 */
export async function timedRun(command, args, options) {
  const before = cpuSecondsOfEnded();
  const child = new Child(command, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  const { atMs } = await child.exit();
  return { ms: atMs - child.startedMs, cpuSeconds: cpuSecondsOfEnded() - before };
}
