import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { runnerOf, startCli } from '../support/cli.js';
import { drives } from '../support/drives.js';
import { startFeed } from '../support/live-feed.js';
import { createPipelineBench } from '../support/pipeline-bench.js';

const FAULTY = fileURLToPath(new URL('../support/plugins/faulty.js', import.meta.url));
const UNTIL = { timeoutMs: 50_000, what: 'what is told of the fault' };

/** Says of each group that it had one row more than it loaded. */
const CARELESS = `import { defineVariety, Producer, producerSchema, type Batch } from 'socket-el';

class Careless extends Producer {
  override async write(batches: readonly Batch[]) {
    const messages = batches.reduce((sum, batch) => sum + batch.messages, 0);
    const none = { ignoredMessages: 0, deadMessages: 0, skippedMessages: 0, deadRows: 0, skippedRows: 0 };
    return { ...none, messages, decodedMessages: messages, rows: messages + 1, loadedRows: messages };
  }
}

export const varieties = [
  defineVariety({
    type: 'producer',
    name: 'careless',
    summary: 'Loses a row.',
    schema: producerSchema({}),
    create: async (settings, context) => new Careless(settings, context),
  }),
];
`;

function withFault(fault: string): object {
  const faulty = { name: 'faulty', type: 'consumer', variety: 'faulty', fault };
  const screen = { name: 'screen', type: 'producer', variety: 'console', depends_on: ['faulty'] };
  return { plugins: [FAULTY], runners: [faulty, screen] };
}

drives('code runner.failed', 'a runner that throws, and is started again', async () => {
  const bench = await createPipelineBench({ config: withFault('throw') });
  const cli = bench.start('run', 'config.yml');
  const said = /error: faulty: a fault on purpose; starting again in \d+ ms {2}\[runner\.failed\]/;
  await cli.whileRunning(() => said.test(cli.stderr), UNTIL);
});

drives(
  'code runner.crash_loop',
  'a runner that fails again and again',
  async () => {
    const bench = await createPipelineBench({ config: withFault('exit') });
    const cli = await bench.start('run', 'config.yml');
    await cli.expectExit(1, 50_000);
    expect(cli.stderr).toMatch(
      /error: faulty: failed: failed 5 times within a minute.* \[runner\.crash_loop\]/,
    );
  },
  60_000,
);

drives('code runner.aborted', 'a load that was not done within the grace', async () => {
  const feed = await startFeed();
  await feed.openLive('/live', { seed: 1, rate: 100 });
  const runners = [
    { name: 'trades', type: 'consumer', variety: 'socket', uri: feed.uri('/live') },
    { name: 'db', type: 'producer', variety: 'postgres', depends_on: ['trades'] },
  ];
  const nobody = { url: 'postgres://app:secret@127.0.0.1:9/feeds' };
  const bench = await createPipelineBench({ config: { runners }, profile: nobody });
  const cli = await bench.cli(1, 'run', 'config.yml', '--json', '--for', '2s', '--grace', '500ms');
  expect(runnerOf(cli.summary(), 'db')).toMatchObject({
    status: 'failed',
    error: { code: 'runner.aborted' },
  });
  expect(runnerOf(cli.summary(), 'trades').status).toBe('succeeded');
});

drives('code runner.accounting', 'a producer that says it had more rows than became of them', async () => {
  const runners = [
    { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' },
    { name: 'sink', type: 'producer', variety: 'careless', depends_on: ['trades'] },
  ];
  const config = { plugins: ['./careless.ts'], runners };
  const bench = await createPipelineBench({
    config,
    files: { 'careless.ts': CARELESS, 'in.ndjson': '{"a":1}\n' },
  });
  const cli = await bench.cli(1, 'run', 'config.yml', '--json');
  expect(runnerOf(cli.summary(), 'sink')).toMatchObject({ error: { code: 'runner.accounting' } });
});

drives('code environment.unavailable', 'a port that somebody else has', async () => {
  const bench = await createPipelineBench({ config: '' });
  const serve = (port: string) =>
    startCli(['feed', 'serve', '--port', port], { home: bench.home, cwd: bench.folder });
  const first = serve('0');
  const portOf = () => /:(\d+)\b/.exec(first.stdout + first.stderr)?.[1];
  const port = await first.whileRunning(portOf, { timeoutMs: 20_000, what: 'a feed' });
  const second = serve(port);
  await second.expectExit(3);
  expect(second.stderr).toMatch(new RegExp(`${port}.* \\[environment\\.unavailable\\]`));
});
