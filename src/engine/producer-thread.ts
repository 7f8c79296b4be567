import type { Producer } from '../producers/producer.js';
import { Counters } from '../utils/counters.js';
import { messageOf, TransientError } from '../utils/errors.js';
import { LagHistogram } from '../utils/lag-histogram.js';
import type { Logger } from '../utils/logger.js';
import type { Redactor } from '../utils/redaction.js';
import { ComponentBuilder } from './component-builder.js';
import { createSource } from './create-source.js';
import type { ThreadPort } from './thread-port.js';
import type { Outcome, ThreadTask } from './thread-protocol.js';

/** Runs a producer in this thread: opens its sink, waits for the start, loads its stages, closes the sink. */
export async function runProducer(task: ThreadTask, port: ThreadPort, redactor: Redactor): Promise<Outcome> {
  const ending = listenForEnding(port);
  const builder = await ComponentBuilder.load(task.pipeline);
  const producer = await createProducer(task, builder, port, redactor);
  try {
    producer.beginReading(ending);
    await openOrWarn(producer, port.logger(task.runner));
    port.post({ type: 'ready' });
    await ending.started;
    await producer.run(ending);
    return ending.signal.aborted ? 'abandoned' : 'source';
  } finally {
    await producer.endReading();
    await producer.close();
  }
}

function createProducer(
  task: ThreadTask,
  builder: ComponentBuilder,
  port: ThreadPort,
  redactor: Redactor,
): Promise<Producer> {
  const logger = port.logger(task.runner);
  const { dependsOn } = builder.runner(task.runner);
  const endsWithSource = !dependsOn.every((name) => task.localConsumers.includes(name));
  const sources = dependsOn.map((name) => ({
    ...createSource(builder, name, { logger, endsWithSource }),
    counters: new Counters(task.sourceCounters[name]),
  }));
  port.on('sealed', ({ consumer, mark }) =>
    sources.find((source) => source.consumer === consumer)?.stage.notice(mark),
  );
  return builder.producer(task.runner, {
    name: task.runner,
    pipeline: task.pipeline.name,
    sources,
    logger,
    counters: new Counters(task.counters),
    lags: new LagHistogram(task.lags),
    profileFiles: task.profileFiles,
    onSecret: (secret) => redactor.add(secret),
  });
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
    await producer.checkTargets();
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    const hint = 'what is received waits in the stage until the sink can be reached';
    logger.log({ level: 'warn', message: messageOf(error), code: error.code, hint });
  }
}
