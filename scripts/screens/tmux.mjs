import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;

/** A terminal of its own for one command, drawn by tmux. */
export class Terminal {
  #socket;
  #columns;

  /**
   * @param {string} name
   * @param {{ columns: number, rows: number, cwd: string, env: Record<string, string> }} options
   */
  constructor(name, { columns, rows, cwd, env }) {
    this.#socket = `socket-el-screens-${process.pid}-${name}`;
    this.#columns = columns;
    const size = ['-x', String(columns), '-y', String(rows)];
    // Without a configuration of the user's, which could change what is seen.
    this.#tmux(['-f', '/dev/null', 'new-session', '-d', ...size, '-c', cwd, 'sh']);
    this.#tmux(['set-option', '-g', 'status', 'off']);
    // A shell's own files may set these otherwise than it was given them.
    const variables = Object.entries(env).map(([key, value]) => `${key}='${value}'`);
    this.type(`export ${variables.join(' ')} PS1='$ '; clear`);
  }

  /** Waits until the shell is there with nothing on the screen but its prompt. */
  async untilReady() {
    await this.untilShown(/^\$\s*$/);
  }

  /** @param {string} command as somebody would type it */
  type(command) {
    this.#tmux(['send-keys', '-l', command]);
    this.#tmux(['send-keys', 'Enter']);
  }

  interrupt() {
    this.#tmux(['send-keys', 'C-c']);
  }

  /** What is on the screen, with its colours; empty lines at the end are left out. */
  lines() {
    const text = this.#tmux(['capture-pane', '-p', '-e']);
    const lines = text.split('\n').map((line) => line.trimEnd());
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }

  /**
   * Waits until the screen shows something.
   *
   * @param {RegExp} pattern
   * @param {number} timeoutMs
   */
  async untilShown(pattern, timeoutMs = 30_000) {
    for (let waited = 0; waited < timeoutMs; waited += POLL_MS) {
      if (pattern.test(this.#tmux(['capture-pane', '-p', '-J']))) return;
      await delay(POLL_MS);
    }
    throw new Error(
      `expected ${pattern} on the screen within ${timeoutMs} ms, got:\n${this.lines().join('\n')}`,
    );
  }

  get columns() {
    return this.#columns;
  }

  close() {
    this.#tmux(['kill-server']);
  }

  #tmux(args) {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}
