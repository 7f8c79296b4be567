import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.mjs';
import { npm } from './npm.mjs';

/**
 * Packs what was built.
 *
 * @param {string} folder where the tarball goes
 * @param {AbortSignal} signal
 * @returns {Promise<string>} path of the tarball
 */
export async function pack(folder, signal) {
  const printed = await npm(['pack', '--json', '--pack-destination', folder], { cwd: ROOT, signal });
  return join(folder, fileNameOf(printed));
}

/**
 * Installs a tarball as its user does: into an empty folder, without what only development needs.
 *
 * @param {string} tarball
 * @param {{ project: string, env?: NodeJS.ProcessEnv, signal: AbortSignal }} where `project` is made
 */
export async function installPacked(tarball, { project, ...options }) {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"private": true, "type": "module"}\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const args = ['install', '--omit=dev', '--prefer-offline', ...quiet, tarball];
  await npm(args, { ...options, cwd: project });
}

/** @param {string} packed what `npm pack --json` prints: an array of packages, or an object of them by name */
function fileNameOf(packed) {
  return Object.values(JSON.parse(packed))[0].filename;
}
