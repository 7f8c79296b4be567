import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { ROOT } from './root.mjs';
import { runChild } from './run-child.mjs';

const FOLDER = join(ROOT, 'site');

/**
 * Builds the documentation's site from docs/ into site/dist; a link that leads nowhere fails. With `--serve` it serves
 * the pages instead, and shows what is changed in them at once.
 */
async function main() {
  ensureInstalled(FOLDER);
  const verb = process.argv.includes('--serve') ? 'dev' : 'build';
  const vitepress = join(FOLDER, 'node_modules/vitepress/bin/vitepress.js');
  process.exitCode = await runChild(process.execPath, [vitepress, verb, FOLDER], { cwd: FOLDER });
}

await main();
