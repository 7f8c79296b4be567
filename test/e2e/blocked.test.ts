import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runnerOf } from '../support/cli.js';
import { createDatabase, createRole, type TestDatabase } from '../support/database.js';
import { startFeed } from '../support/live-feed.js';
import { brief, faultsOf, judgeTable, missingBetween, NO_FAULTS, NONE, owedBy } from '../support/oracle.js';
import { createWorkspace, tradesConfig, writeProfile } from '../support/workspace.js';

const SEED = 77;

/** Ends every connection of a role, so that the next load has to log in again. */
async function disconnect(database: TestDatabase, user: string): Promise<void> {
  await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [user]);
}

test('a password that is changed during the run blocks the sink, and a corrected profile frees it', async () => {
  const [feed, database, role] = await Promise.all([startFeed(), createDatabase(), createRole()]);
  await feed.openLive('/live', { seed: SEED, rate: 500 });
  await database.query(`GRANT CREATE ON DATABASE "${database.name}" TO "${role.user}"`);
  const profile = database.profile(role);
  const workspace = await createWorkspace(tradesConfig({ uri: feed.uri('/live') }), profile);
  const cli = workspace.run();
  await cli.whileRunning(() => database.count('test.trades'), { timeoutMs: 20_000, what: 'first rows' });

  await database.query(`ALTER ROLE "${role.user}" PASSWORD 'another-canary'`);
  await disconnect(database, role.user);
  await cli.whileRunning(() => /blocked, the data waits in the stage/.test(cli.stderr), {
    timeoutMs: 15_000,
    what: 'the word that the sink is blocked',
  });
  expect(cli.stderr).toContain(`ALTER ROLE "${role.user}" PASSWORD`);
  const before = await database.count('test.trades');

  const profilePath = join(workspace.home, '.socket_el/profile.yml');
  await writeFile(profilePath, 'postgres: {user: [half');
  await cli.whileRunning(() => /expected YAML 1.2/.test(cli.stderr), {
    timeoutMs: 40_000,
    what: 'the word that the profile is broken',
  });
  await writeProfile(workspace.home, { ...profile, password: 'another-canary' });
  const goesOn = async () => (await database.count('test.trades')) > before + 5000;
  await cli.whileRunning(goesOn, { timeoutMs: 45_000, what: 'the rows that had to wait' });
  const { beforeMs } = cli.signal('SIGTERM');
  await cli.expectExit(0);
  expect(cli.stderr).not.toContain('canary');
  expect(runnerOf(cli.summary(), 'postgres')).toMatchObject({ restarts: 0, status: 'succeeded' });
  expect(runnerOf(cli.summary(), 'trades')).toMatchObject({ restarts: 0, gaps: 0 });
  const log = await feed.log('/live');
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: log.issued });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect(brief(missingBetween(verdict, ...owedBy(log, 0, beforeMs)))).toEqual(NONE);
}, 120_000);
