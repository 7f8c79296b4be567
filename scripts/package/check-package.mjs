import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFeed } from '../demo-feed.mjs';
import { ROOT } from '../root.mjs';
import { compileTypes } from './compile-types.mjs';
import { examineContents } from './contents.mjs';
import { emptyHomeEnvironment, npmFilesOf } from './empty-home.mjs';
import { installPacked, pack } from './install-packed.mjs';
import { tryIntoPostgres } from './into-postgres.mjs';
import { lintPacked } from './lint.mjs';
import { tryQuickStart } from './quick-start.mjs';
import { Trial } from './trial.mjs';

/** Messages a second. */
const RATE = 1000;
const MAX_SHOWN = 20;

/**
 * Packs what was built, installs that where nothing else is, and uses it.
 *
 * @param {object} options
 * @param {string | undefined} options.postgres address of a server to load into; undefined: nothing is loaded
 * @param {(() => unknown)[]} options.opened takes what closes the things opened here
 * @param {AbortSignal} options.signal aborted when the user wants to stop
 * @returns {Promise<void>} rejects with what is wrong
 */
export async function checkPackage({ postgres, opened, signal }) {
  const folder = mkdtempSync(join(tmpdir(), 'socket-el-package-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  const tarball = await pack(folder, signal);
  assertNone(await lintPacked(tarball));
  const where = await prepare(folder, signal);
  await installPacked(tarball, where);
  reportContents(tarball, where.project);
  assertNone(await compileTypes(where));
  const trial = new Trial(where);
  const feed = await startFeed(join(where.project, 'node_modules/.bin/socket-el'), RATE);
  opened.push(() => feed.stop());
  await tryQuickStart(trial, feed.url);
  if (postgres) await tryIntoPostgres(trial, { feedUrl: feed.url, server: postgres });
}

/**
 * @param {string} folder
 * @param {AbortSignal} signal
 */
async function prepare(folder, signal) {
  const home = join(folder, 'home');
  mkdirSync(home);
  const env = emptyHomeEnvironment(process.env, home, await npmFilesOf({ cwd: folder, signal }));
  return { project: join(folder, 'project'), home, env, signal };
}

/**
 * @param {string} tarball
 * @param {string} project
 */
function reportContents(tarball, project) {
  const { problems, count, bytes } = examineContents(join(project, 'node_modules/socket-el'), [
    ROOT,
    homedir(),
  ]);
  assertNone(problems);
  const kilobytes = (size) => `${(size / 1000).toFixed(0)} kB`;
  console.log(`package: ${count} files, ${kilobytes(bytes)}, packed ${kilobytes(statSync(tarball).size)}`);
}

/** @param {readonly string[]} problems */
function assertNone(problems) {
  if (problems.length === 0) return;
  const shown = problems.slice(0, MAX_SHOWN);
  if (shown.length < problems.length) shown.push(`… and ${problems.length - shown.length} more`);
  throw new Error(`expected no problems, got\n${shown.join('\n')}`);
}
