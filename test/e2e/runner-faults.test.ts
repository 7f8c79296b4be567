import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runnerOf } from '../support/cli.js';
import { createDatabase } from '../support/database.js';
import { createWorkspace } from '../support/workspace.js';

const PLUGIN = fileURLToPath(new URL('../support/plugins/faulty.js', import.meta.url));

/** One runner with a fault beside one without, both loaded by one producer. */
function faultyConfig(fault: string): string {
  return `plugins: [${PLUGIN}]
x-quick: &quick {interval: 50ms}
runners:
  - {name: faulty, type: consumer, variety: faulty, fault: ${fault}, batch_configuration: *quick}
  - {name: sound, type: consumer, variety: faulty, endless: true, batch_configuration: *quick}
  - {name: postgres, type: producer, variety: postgres, depends_on: [faulty, sound]}
`;
}

async function startFaulty(fault: string) {
  const database = await createDatabase();
  const workspace = await createWorkspace(faultyConfig(fault), database.profile());
  return { database, workspace, cli: workspace.run() };
}

/** Rows keep landing from the sound runner: more now than a moment ago. */
async function expectOthersGoOn({ database, cli }: Awaited<ReturnType<typeof startFaulty>>): Promise<void> {
  const before = await database.count('test.sound');
  const goesOn = async () => (await database.count('test.sound')) > before + 5;
  await cli.whileRunning(goesOn, { timeoutMs: 20_000, what: 'rows of the sound runner' });
}

test.each(['throw', 'reject_aside', 'exit', 'memory', 'silence', 'leave_a_timer'])(
  'a runner with the fault "%s" is started again, given up after five failures, and harms no other',
  async (fault) => {
    const scene = await startFaulty(fault);
    const { cli, database } = scene;
    await cli.whileRunning(() => /faulty: failed: failed 5 times within a minute/.test(cli.stderr), {
      timeoutMs: 50_000,
      what: 'the end of the crash loop',
    });
    await expectOthersGoOn(scene);
    cli.signal('SIGTERM');
    await cli.expectExit(1);
    const faulty = runnerOf(cli.summary(), 'faulty');
    expect(faulty).toMatchObject({ status: 'failed', restarts: 4 });
    expect(cli.summary()).toMatchObject({ status: 'failed', ended_by: 'error' });
    expect(runnerOf(cli.summary(), 'sound').status).toBe('succeeded');
    // Five threads put ten rows each; every one that was sealed has landed once.
    const rows = await database.query<{ seq: string; thread: string }>('SELECT seq, thread FROM test.faulty');
    expect(rows).toHaveLength(50);
    expect(new Set(rows.map(({ seq, thread }) => `${seq} ${thread}`)).size).toBe(50);
    expect(new Set(rows.map(({ thread }) => thread)).size).toBe(5);
  },
  90_000,
);

test('a runner in an endless loop leaves the others running and is ended by force at the stop', async () => {
  const scene = await startFaulty('loop');
  await expectOthersGoOn(scene);
  scene.cli.signal('SIGTERM');
  await scene.cli.expectExit(1, 25_000);
  expect(runnerOf(scene.cli.summary(), 'faulty').status).toBe('failed');
  expect(runnerOf(scene.cli.summary(), 'sound').status).toBe('succeeded');
  expect(await scene.database.count('test.faulty')).toBe(10);
}, 60_000);

test('every runner has a thread of its own', async () => {
  const scene = await startFaulty('none');
  await expectOthersGoOn(scene);
  scene.cli.signal('SIGTERM');
  await scene.cli.expectExit(0);
  const threads = await scene.database.query<{ thread: string }>(
    'SELECT DISTINCT thread FROM (SELECT thread FROM test.faulty UNION ALL SELECT thread FROM test.sound) AS both_runners',
  );
  expect(threads).toHaveLength(2);
}, 40_000);
