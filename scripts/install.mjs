import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain } from './is-main.mjs';
import { ROOT } from './root.mjs';

/** npm's own record of what it installed; it writes it last, so an interrupted install has none. */
const INSTALLED = 'node_modules/.package-lock.json';
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Installs the packages of a folder's `package-lock.json`, unless they are there already. Silent but for one line, unless
 * it fails.
 *
 * @param {string} [folder]
 * @throws when npm fails, with what it wrote
 */
export function ensureInstalled(folder = ROOT) {
  if (isInstalled(folder)) return;
  console.error('Installing packages …');
  const args = ['ci', '--no-audit', '--no-fund', '--include=dev'];
  const { status, error, stderr } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed (${status}):\n${stderr}`, { cause: error });
}

function isInstalled(folder) {
  const locked = readPackages(join(folder, 'package-lock.json'));
  const installed = readPackages(join(folder, INSTALLED));
  const paths = new Set([...Object.keys(locked), ...Object.keys(installed)]);
  paths.delete('');
  return [...paths].every((path) => isSatisfied(locked[path], installed[path]));
}

/** @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>} by folder */
function readPackages(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}

function isSatisfied(locked, installed) {
  if (locked === undefined) return false;
  if (installed === undefined) return locked.optional === true || locked.devOptional === true;
  return locked.version === installed.version && locked.integrity === installed.integrity;
}

if (isMain(import.meta.url)) ensureInstalled();
