import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** @typedef {{ uid?: number, gid?: number }} Account spread into the options of `spawn`; empty: run as we are */

/**
 * The account that the server runs under. PostgreSQL refuses to run as root, so root hands over to `nobody`.
 *
 * @returns {Account}
 */
export function serverAccount() {
  if (process.getuid?.() !== 0) return {};
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** @param {'-u' | '-g'} flag */
function idOf(flag) {
  const text = execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' });
  // macOS prints nobody's -2 as an unsigned number, and spawn wants it signed.
  return Number(text) | 0;
}

/**
 * Whether the account may run a program, or enter a folder.
 *
 * @param {string} path
 * @param {Account} account
 * @returns {boolean}
 */
export function mayExecute(path, account) {
  return spawnSync('test', ['-x', path], { ...account, cwd: '/' }).status === 0;
}

/**
 * Hands a file or folder to the account.
 *
 * @param {string} path
 * @param {Account} account
 */
export function giveTo(path, { uid, gid }) {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
