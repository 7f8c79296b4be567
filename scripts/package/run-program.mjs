import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';

/** @typedef {{ code: number, stdout: string, stderr: string }} Ended */

/**
 * Runs a program to its end, in a process group of its own of which nothing is left then.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, signal: AbortSignal }} options the signal kills the group
 * @returns {Promise<Ended>} `code` is 128 + n after signal n; rejects when it cannot be started, or with the signal's reason
 */
export async function runProgram(command, args, { signal, ...options }) {
  signal.throwIfAborted();
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => killGroup(child.pid);
  signal.addEventListener('abort', kill);
  try {
    const closed = once(child, 'close');
    const [[code, by], stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)]);
    signal.throwIfAborted();
    return { code: code ?? 128 + constants.signals[by], stdout, stderr };
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

/** @param {number | undefined} pid of the group's leader; undefined when it could not be started */
function killGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
