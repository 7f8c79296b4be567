import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const START_TIMEOUT_MS = 10_000;

/**
 * Starts the local feed, which prints `feed: ws://HOST:PORT` once it listens.
 *
 * @param {string} socketEl path of the command
 * @param {number} rate messages a second
 * @param {number} [seed] what the messages are made from
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startFeed(socketEl, rate, seed = 1) {
  const numbers = ['--port', 0, '--rate', rate, '--seed', seed].map(String);
  const args = [socketEl, 'feed', 'serve', ...numbers];
  // Detached, so that Ctrl-C leaves it to the run to end first.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    return { url: await addressOf(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {import('node:child_process').ChildProcess} child */
async function addressOf(child) {
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^feed: (ws:\/\/\S+)/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
  } finally {
    clearTimeout(timer);
    child.stdout.resume();
  }
  throw new Error('socket-el feed serve: expected a line `feed: ws://…`, it ended without');
}
