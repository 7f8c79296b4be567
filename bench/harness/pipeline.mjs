import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../../scripts/root.mjs';
import { Child } from './child.mjs';
import { nowMs } from './clock.mjs';
import { cpuSecondsOfEnded, residentMiB } from './processes.mjs';

export const SOCKET_EL = join(ROOT, 'bin/socket-el.js');
const LOOK_MS = 50;
const LATE_MS = 5_000;

/**
 * Writes what a user would: a configuration and a profile.
 *
 * @param {string} folder
 * @param {readonly Record<string, unknown>[]} runners
 * @param {Record<string, unknown>} profile
 */
export function writeConfig(folder, runners, profile) {
  // JSON is YAML.
  writeFileSync(join(folder, 'config.yml'), `${JSON.stringify({ name: 'bench', runners }, undefined, 2)}\n`);
  writeFileSync(join(folder, 'profile.yml'), `${JSON.stringify({ postgres: profile })}\n`, { mode: 0o600 });
}

/** `socket-el run config.yml` in a folder, which ends by itself: its source is finite, or it has `--max-messages`. */
export class Pipeline {
  #child;
  #lines;
  #ready;
  #cpuBefore = cpuSecondsOfEnded();
  #peakRssMiB = 0;
  #looks;

  /**
   * @param {string} folder with what `writeConfig` wrote
   * @param {readonly string[]} args further ones
   */
  constructor(folder, args) {
    const all = [SOCKET_EL, 'run', 'config.yml', '--profile-file', 'profile.yml', '--no-progress', ...args];
    this.#child = new Child(process.execPath, all, { cwd: folder });
    this.#child.stdout.resume();
    this.#lines = createInterface({ input: this.#child.stderr });
    this.#ready = this.#lineWith(/ loading into schema /);
    this.#looks = setInterval(() => this.#look(), LOOK_MS);
  }

  get pid() {
    return this.#child.pid;
  }

  get startedMs() {
    return this.#child.startedMs;
  }

  /** When it said that sink and stage are open, as they are before any source is connected. */
  get ready() {
    return this.during(this.#ready);
  }

  /**
   * Waits for something while it runs.
   *
   * @template T
   * @param {Promise<T>} something
   * @returns {Promise<T>} rejects when it fails, or ends long before
   */
  during(something) {
    return Promise.race([something, this.#endedLongAgo()]);
  }

  /** Waits for its end. */
  async end() {
    await this.#child.exit();
    clearInterval(this.#looks);
  }

  async kill() {
    clearInterval(this.#looks);
    await this.#child.end('SIGKILL', [0, 1, 3, 'SIGKILL', 'SIGTERM']);
  }

  /** Of a run that has ended: CPU seconds from its start to its end, and the most memory that was seen. */
  usage() {
    return { cpuSeconds: cpuSecondsOfEnded() - this.#cpuBefore, peakRssMiB: this.#peakRssMiB };
  }

  /** Who looks for its results may be a moment late. */
  async #endedLongAgo() {
    await this.#child.exit();
    await sleep(LATE_MS);
    throw new Error('socket-el run: expected all its results, it ended with 0 and they are not there');
  }

  #look() {
    // It may end at any time; what was seen last holds.
    const peak = residentMiB(this.pid, 'VmHWM');
    if (peak !== undefined) this.#peakRssMiB = peak;
  }

  /** @param {RegExp} pattern */
  #lineWith(pattern) {
    return new Promise((resolve) => {
      this.#lines.on('line', (line) => {
        if (pattern.test(line)) resolve(nowMs());
      });
    });
  }
}
