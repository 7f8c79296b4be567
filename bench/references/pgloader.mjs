import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { timedRun } from '../harness/child.mjs';
import { SCHEMA } from '../harness/database.mjs';

/** Whether pgloader is on PATH. */
export function hasPgloader() {
  return spawnSync('pgloader', ['--version'], { stdio: 'ignore' }).error === undefined;
}

/**
 * pgloader with the finished CSV file, its own start included.
 *
 * @param {import('../harness/bench.mjs').Bench} bench
 * @param {{ file: string, table: string, columns: Record<string, string>, fingerprint: string }} what
 * @returns {() => Promise<import('../harness/rounds.mjs').Sample>}
 */
export function pgloader({ database, folder }, { file, table, columns, fingerprint }) {
  const names = Object.keys(columns)
    .map((name) => `"${name}"`)
    .join(', ');
  const url = `${database.server.url.replace(/^postgres:/, 'postgresql:')}?${SCHEMA}.${table}`;
  const commands = `${folder}/pgloader.load`;
  writeFileSync(
    commands,
    `LOAD CSV FROM '${file}' (${names}) INTO ${url} (${names}) WITH fields terminated by ',', quote identifiers;\n`,
  );
  return async () => {
    await database.reset([table]);
    const run = await timedRun('pgloader', ['--quiet', '--root-dir', folder, commands]);
    await database.assertFingerprint(table, fingerprint);
    return run;
  };
}
