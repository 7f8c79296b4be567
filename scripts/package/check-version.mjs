import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.mjs';
import { npx } from './npm.mjs';

/**
 * Whether the installed command starts, and is ours.
 *
 * @param {import('./npm.mjs').Where} where
 * @returns {Promise<string>} the version that it prints; rejects when that is another
 */
export async function checkVersion(where) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { stdout, stderr } = await npx(['socket-el', '--version'], where);
  const printed = stdout.trim();
  if (printed !== version)
    throw new Error(`socket-el --version: expected ${version}, got ${printed || stderr}`);
  return printed;
}
