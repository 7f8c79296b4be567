import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/root.mjs';

/** What a result depends on besides the code. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()} ${arch()}`,
  };
}

/** The commit that is measured, with a `+` when files differ from it. */
export function describeCommit() {
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', 'src', 'bin', 'bench/*.mjs', 'bench/**/*.mjs');
  return `${git('rev-parse', '--short=12', 'HEAD')}${changed === '' ? '' : '+'}`;
}

/** @param {string} postgres its version */
export function describeVersions(postgres) {
  const packages = ['ws', 'pg', '@duckdb/node-api', 'parquetjs-lite'];
  const installed = packages.map((name) => [name, versionOf(join('node_modules', name))]);
  return { 'socket-el': versionOf('.'), node: process.version, postgres, ...Object.fromEntries(installed) };
}

function versionOf(folder) {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')).version;
}
