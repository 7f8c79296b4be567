// A server's folder is named `<owner's pid>.<owner's start>.<random>` and holds data, socket and log. The name is the
// marker: it exists before the server does, so whoever starts the next server can tell an orphan without any other file.
import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { giveTo, mayExecute } from './postgres-account.mjs';

/**
 * The well-known folder that this user's servers have theirs in.
 *
 * @param {import('./postgres-account.mjs').Account} account must be able to enter it
 * @returns {string}
 */
export function serversFolder(account) {
  const candidates = [tmpdir(), '/tmp', '/var/tmp'];
  const base = candidates.find((folder) => mayExecute(folder, account));
  if (base === undefined)
    throw new Error(`expected a temporary folder that the server may enter: ${candidates.join(', ')}`);
  const folder = join(base, `socket-el-postgres-${process.getuid?.() ?? 'user'}`);
  mkdirSync(folder, { recursive: true });
  refuseForeign(folder);
  chmodSync(folder, 0o711);
  return folder;
}

/** @param {string} folder others could have made it, to have us delete what they link to */
function refuseForeign(folder) {
  const status = lstatSync(folder);
  const isOurs = status.isDirectory() && status.uid === (process.getuid?.() ?? status.uid);
  if (!isOurs) throw new Error(`${folder}: expected a folder of our own, it belongs to user ${status.uid}`);
}

/**
 * @param {string} servers from `serversFolder`
 * @param {import('./postgres-account.mjs').Account} account
 * @returns {{ root: string, data: string, run: string, log: string, programs: string }} `programs` is not made
 */
export function createServerFolder(servers, account) {
  const root = mkdtempSync(join(servers, `${process.pid}.${startOf(process.pid)}.`));
  chmodSync(root, 0o711);
  const inside = (name) => join(root, name);
  const folder = {
    root,
    data: inside('data'),
    run: inside('run'),
    log: inside('log'),
    programs: inside('programs'),
  };
  for (const owned of [folder.data, folder.run]) {
    mkdirSync(owned, { mode: 0o700 });
    giveTo(owned, account);
  }
  return folder;
}

/**
 * Deletes a server's folder; the server may still be removing files of its own.
 *
 * @param {string} root
 */
export function removeServerFolder(root) {
  rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/**
 * Stops the servers whose owner is gone and deletes their data.
 *
 * @param {string} servers from `serversFolder`
 * @param {(line: string) => void} log
 * @returns {Promise<void>}
 */
export async function reapOrphans(servers, log) {
  for (const name of readdirSync(servers)) {
    const [ownerPid, ownerStart] = name.split('.');
    if (isOwnerAlive(Number(ownerPid), ownerStart)) continue;
    const root = join(servers, name);
    await stopOrphan(join(root, 'data'));
    removeServerFolder(root);
    log(`removed a PostgreSQL server that process ${ownerPid} left behind`);
  }
}

/** @param {string} dataDir */
async function stopOrphan(dataDir) {
  const { pid } = readPidFile(dataDir);
  if (pid === undefined || !isServer(pid, dataDir)) return;
  signal(pid, 'SIGQUIT');
  for (let waitedMs = 0; isServer(pid, dataDir); waitedMs += 50) {
    if (waitedMs === 5_000) signal(-pid, 'SIGKILL');
    if (waitedMs > 10_000) throw new Error(`the PostgreSQL server ${pid} in ${dataDir} cannot be stopped`);
    await sleep(50);
  }
}

/**
 * The pid in the file may be somebody else's by now, or a zombie that no parent collects; neither has the command line.
 *
 * @param {number} pid
 * @param {string} dataDir
 */
function isServer(pid, dataDir) {
  return commandOf(pid).includes(dataDir);
}

/**
 * What the server says of itself in its data folder.
 *
 * @param {string} dataDir
 * @returns {{ pid?: number, isReady: boolean }}
 */
export function readPidFile(dataDir) {
  const lines = readIfThere(join(dataDir, 'postmaster.pid')).split('\n');
  const pid = Number(lines[0]);
  return { ...(pid > 0 && { pid }), isReady: lines[7]?.trim() === 'ready' };
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals | 0} name
 */
function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    if (error.code === 'EPERM') return true;
    throw error;
  }
}

/**
 * @param {number} pid
 * @param {string | undefined} start
 */
function isOwnerAlive(pid, start) {
  return pid > 0 && signal(pid, 0) && startOf(pid) === start;
}

/**
 * When the process started, where the system says so; pids are used again, the pair is not.
 *
 * @param {number} pid
 */
function startOf(pid) {
  const fields = readIfThere(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return fields[0] === 'Z' ? 'ended' : (fields[19] ?? 'unknown');
}

/** @param {number} pid */
function commandOf(pid) {
  if (process.platform === 'linux') return readIfThere(`/proc/${pid}/cmdline`);
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    // ps fails when there is no such process.
    return '';
  }
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // A process that ends while /proc is read answers ESRCH.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  }
}
