import assert from 'node:assert/strict';
import { parsePipeline } from '../engine/config/load-pipeline.js';
import { ConsumerTrial, type ConsumerUnderTest } from './consumer-trial.js';
import type { ContractCase } from './contract-case.js';

const RUNS = 4;
const STOP_MS = 5000;

type Check = (trial: ConsumerTrial) => Promise<void>;

/**
 * What every consumer promises, as cases that a test runner runs one by one, each in a process of its own on a real
 * stage. The source must be there, and give messages without end, or as many as asked for below; one that can be read
 * again from a position must give the same messages again.
 *
 * ```ts
 * for (const { title, run } of consumerContract({ plugin, settings: { variety: 'lines', port } })) test(title, run);
 * ```
 */
export function consumerContract(consumer: ConsumerUnderTest): readonly ContractCase[] {
  return Object.entries(CHECKS).map(([title, check]) => ({
    title,
    run: () => ConsumerTrial.use(consumer, check),
  }));
}

const CHECKS: Readonly<Record<string, Check>> = {
  'its settings are taken, and a key that it does not know is an error': async (trial) => {
    await parsePipeline(trial.config(), trial.folder, { profileFiles: [] });
    const odd = trial.config({ no_such_key: 1 });
    await assert.rejects(parsePipeline(odd, trial.folder, { profileFiles: [] }), {
      code: 'config.unknown_key',
    });
  },

  'what it receives stands in the stage, a message a line': async (trial) => {
    await trial.run(trial.messages);
    const { messages, broken } = await trial.staged();
    assert.ok(
      messages.length >= trial.messages,
      `expected ${trial.messages} messages, got ${messages.length}`,
    );
    assert.deepEqual(broken, [], 'expected lines of JSON');
  },

  'it ends within seconds when it is told to': async (trial) => {
    const child = trial.start();
    await child.untilStaged(1);
    const startedMs = performance.now();
    await child.stop();
    const ms = Math.round(performance.now() - startedMs);
    assert.ok(ms < STOP_MS, `expected it to end within ${STOP_MS} ms, it took ${ms}`);
  },

  'killed at any time, it has lost nothing that was staged, and goes on': async (trial) => {
    let before: readonly string[] = [];
    for (let run = 1; run <= RUNS; run++) {
      const child = trial.start();
      await child.untilStaged(before.length + run);
      await child.kill();
      const { messages } = await trial.staged();
      assert.deepEqual(
        messages.slice(0, before.length),
        before,
        'expected what was staged before to stand first',
      );
      before = messages;
    }
    await trial.run(trial.messages);
    assert.deepEqual((await trial.staged()).messages.slice(0, before.length), before);
  },

  'a source that can be read again gives after a kill what it would have given; of another there is a gap':
    async (trial) => {
      const child = trial.start();
      await child.untilStaged(1);
      await child.kill();
      await trial.run(trial.messages);
      const { messages, gaps } = await trial.staged();
      if (!(await isReplayable(trial))) {
        assert.ok(gaps > 0, 'expected a gap for the time in which it was not running');
        return;
      }
      const other = await ConsumerTrial.use(trial.consumer, async (undisturbed) => {
        await undisturbed.run(messages.length);
        return (await undisturbed.staged()).messages;
      });
      const length = Math.min(messages.length, other.length);
      assert.deepEqual(messages.slice(0, length), other.slice(0, length));
    },
};

async function isReplayable(trial: ConsumerTrial): Promise<boolean> {
  const { pipeline } = await parsePipeline(trial.config(), trial.folder, { profileFiles: [] });
  const { ComponentBuilder } = await import('../engine/component-builder.js');
  return (await ComponentBuilder.load(pipeline)).isReplayable(trial.name);
}
