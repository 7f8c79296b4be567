import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'];

/**
 * Runs a program in the foreground. While it runs, a signal that asks us to stop goes to it, so that its end, and
 * whatever the caller has in `finally`, come first.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options] default: our stdin, stdout and stderr; `detached`: signals
 *   go to the program's whole process group, and what is left of the group at its end is killed
 * @returns {Promise<number>} its exit code, 128 + n after signal n; rejects when it cannot be started
 */
export async function runChild(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const pass = (signal) => (options.detached ? killGroup(child.pid, signal) : child.kill(signal));
  for (const signal of STOP_SIGNALS) process.on(signal, pass);
  try {
    return await exitCodeOf(child);
  } finally {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, pass);
    if (options.detached) killGroup(child.pid, 'SIGKILL');
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function exitCodeOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/**
 * @param {number | undefined} pid of the group's leader; undefined when it could not be started
 * @param {NodeJS.Signals} signal
 */
function killGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
