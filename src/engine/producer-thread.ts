import { resolve } from 'node:path';
import type { Producer, Source } from '../producers/producer.js';
import type { ProducerVariety } from '../producers/variety.js';
import { createStage } from '../stages/index.js';
import { Counters } from '../utils/counters.js';
import { messageOf, TransientError } from '../utils/errors.js';
import type { Logger } from '../utils/logger.js';
import type { Redactor } from '../utils/redaction.js';
import { consumerSettings, producerSettings, type Runner, varietyOf } from './pipeline.js';
import type { ThreadPort } from './thread-port.js';
import type { Outcome, ThreadTask } from './thread-protocol.js';

/** Runs a producer in this thread: opens its sink, waits for the start, loads its stages, closes the sink. */
export async function runProducer(
  task: ThreadTask,
  runner: Runner,
  port: ThreadPort,
  redactor: Redactor,
): Promise<Outcome> {
  const ending = listenForEnding(port);
  const logger = port.logger(runner.name);
  const sources = runner.dependsOn.map((name) => createSource(task, name, logger));
  port.on('sealed', ({ consumer, mark }) => sources.find((source) => source.consumer === consumer)?.stage.notice(mark));
  const settings = producerSettings(runner, task.pipeline.folder);
  const producer = await (varietyOf(runner) as ProducerVariety).create(settings, {
    name: runner.name,
    pipeline: task.pipeline.name,
    sources,
    logger,
    counters: new Counters(task.counters),
    profileFiles: task.profileFiles,
    onSecret: (secret) => redactor.add(secret),
  });
  try {
    await openOrWarn(producer, logger);
    port.post({ type: 'ready' });
    await ending.started;
    await producer.run(ending);
    return ending.signal.aborted ? 'abandoned' : 'source';
  } finally {
    await producer.close();
  }
}

function listenForEnding(port: ThreadPort) {
  const stop = new AbortController();
  const drain = new AbortController();
  const started = new Promise<void>((start) => {
    port.on('start', () => start());
    for (const { signal } of [stop, drain]) signal.addEventListener('abort', () => start());
  });
  port.on('abandon', () => stop.abort());
  port.on('drain', () => drain.abort());
  return { started, signal: stop.signal, drained: drain.signal };
}

/** A sink that cannot be reached now does not keep the sources waiting: the stage fills meanwhile. */
async function openOrWarn(producer: Producer, logger: Logger): Promise<void> {
  try {
    await producer.ensureOpen();
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    const hint = 'what is received waits in the stage until the sink can be reached';
    logger.log({ level: 'warn', message: messageOf(error), hint });
  }
}

function createSource(task: ThreadTask, name: string, logger: Logger): Source {
  const { pipeline, localConsumers } = task;
  const consumer = pipeline.runners.find((runner) => runner.name === name) as Runner;
  const settings = consumerSettings(consumer, pipeline.folder);
  const stage = createStage(resolve(pipeline.folder, settings.stage.path), settings.stage, {
    pipeline: pipeline.name,
    consumer: name,
    batch: settings.batch_configuration,
    replayable: false,
    logger,
  });
  const endsWithSource = !localConsumers.includes(name);
  return { consumer: name, stage, decode: settings, table: settings.table ?? name, endsWithSource };
}
