import { resolve } from 'node:path';
import type { ConsumerVariety } from '../consumers/variety.js';
import { createStage } from '../stages/index.js';
import type { Stage } from '../stages/stage.js';
import { Counters } from '../utils/counters.js';
import { consumerSettings, type Runner, varietyOf } from './pipeline.js';
import type { ThreadPort } from './thread-port.js';
import type { Outcome, StopReason, ThreadTask } from './thread-protocol.js';

/** Runs a consumer in this thread: opens its stage, waits for the start, reads its source, closes the stage. */
export async function runConsumer(task: ThreadTask, runner: Runner, port: ThreadPort): Promise<Outcome> {
  const stop = new AbortController();
  port.on('stop', ({ reason }) => stop.abort(reason));
  const started = new Promise<void>((start) => {
    port.on('start', () => start());
    stop.signal.addEventListener('abort', () => start());
  });
  const settings = consumerSettings(runner, task.pipeline.folder);
  const stage = openableStage(task, runner, port, stop);
  await stage.open();
  try {
    port.post({ type: 'ready' });
    await started;
    const counters = new Counters(task.counters);
    const consumer = await (varietyOf(runner) as ConsumerVariety).create(settings, {
      name: runner.name,
      stage,
      logger: port.logger(runner.name),
      folder: task.pipeline.folder,
      onGap: () => counters.add('gaps', 1),
    });
    await consumer.run(stop.signal);
    await consumer.flush();
    const outcome: Outcome = stop.signal.aborted ? (stop.signal.reason as StopReason | 'messages') : 'source';
    if (outcome !== 'signal') await stage.end(outcome);
    return outcome;
  } finally {
    await stage.close();
  }
}

function openableStage(task: ThreadTask, runner: Runner, port: ThreadPort, stop: AbortController): Stage {
  const { pipeline, maxMessages = Number.POSITIVE_INFINITY } = task;
  const { stage, batch_configuration } = consumerSettings(runner, pipeline.folder);
  const counters = new Counters(task.counters);
  let messages = 0;
  return createStage(resolve(pipeline.folder, stage.path), stage, {
    pipeline: pipeline.name,
    consumer: runner.name,
    batch: batch_configuration,
    replayable: (varietyOf(runner) as ConsumerVariety).replayable,
    logger: port.logger(runner.name),
    onAccepted: (count, bytes) => {
      counters.add('messages', count);
      counters.add('bytes', bytes);
      messages += count;
      if (messages >= maxMessages) stop.abort('messages');
    },
    onSealed: (mark, batches) => {
      counters.add('batches', batches);
      port.post({ type: 'sealed', mark });
    },
  });
}
