import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';
import { ROOT } from './root.mjs';

const FOLDER = join(ROOT, 'docs/reference');

/** @param {string} file */
function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

/**
 * Prints the reference pages from the schemas, the command line and the error codes; with `--check` it only says which
 * of them are not what they should be.
 */
async function main() {
  await build();
  // They need what was only just built.
  const { referencePages } = await import('./docs/pages.mjs');
  const pages = await referencePages();
  const stale = Object.entries(pages).filter(([name, text]) => contentOf(join(FOLDER, name)) !== text);
  if (!process.argv.includes('--check')) {
    for (const [name, text] of stale) {
      mkdirSync(dirname(join(FOLDER, name)), { recursive: true });
      writeFileSync(join(FOLDER, name), text);
      console.log(`docs/reference/${name}: printed anew`);
    }
  } else if (stale.length > 0) {
    console.error(`run npm run docs; out of date: ${stale.map(([name]) => name).join(', ')}`);
    process.exitCode = 1;
  }
  console.log(`${Object.keys(pages).length} pages, ${stale.length} had changed`);
}

await main();
