import type { Stage } from '../stages/stage.js';
import { Counters } from '../utils/counters.js';
import { RUNNER_STATES } from '../utils/runner-state.js';
import { ComponentBuilder } from './component-builder.js';
import { ConversionWorker } from './conversion-worker.js';
import type { ThreadPort } from './thread-port.js';
import type { Outcome, StopReason, ThreadTask } from './thread-protocol.js';

/** Runs a consumer in this thread: opens its stage, waits for the start, reads its source, closes the stage. */
export async function runConsumer(task: ThreadTask, port: ThreadPort): Promise<Outcome> {
  const stop = new AbortController();
  const started = listenForStart(port, stop);
  const builder = await ComponentBuilder.load(task.pipeline);
  const { stage, failed } = createCountedStage(task, builder, port, stop);
  await stage.open();
  try {
    port.post({ type: 'ready' });
    await started;
    return await Promise.race([receive(task, builder, port, { stage, signal: stop.signal }), failed]);
  } finally {
    await stage.close();
  }
}

async function receive(
  task: ThreadTask,
  builder: ComponentBuilder,
  port: ThreadPort,
  { stage, signal }: { readonly stage: Stage; readonly signal: AbortSignal },
): Promise<Outcome> {
  const counters = new Counters(task.counters);
  const isOfSets = builder.isOfSets(task.runner);
  const { places } = builder.runner(task.runner);
  const consumer = await builder.consumer(task.runner, {
    name: task.runner,
    stage,
    replayable: builder.isReplayable(task.runner),
    isOfSets,
    logger: port.logger(task.runner),
    folder: task.pipeline.folder,
    onGap: () => counters.add('gaps', 1),
    onState: (state) => counters.set('state', RUNNER_STATES.indexOf(state)),
    onProgress: (done, total) => {
      counters.set('progress', done);
      counters.set('progress_total', total);
    },
    placeOf: (key) => places[key ?? ''] ?? places[''] ?? '',
  });
  await consumer.run(signal);
  // What of a set was read before a stop is none.
  if (!isOfSets || !signal.aborted) await consumer.flush();
  const outcome: Outcome = signal.aborted ? (signal.reason as StopReason | 'messages') : 'source';
  if (outcome !== 'signal') await stage.end(outcome);
  return outcome;
}

function listenForStart(port: ThreadPort, stop: AbortController): Promise<void> {
  port.on('stop', ({ reason }) => stop.abort(reason));
  return new Promise((start) => {
    port.on('start', () => start());
    stop.signal.addEventListener('abort', () => start());
  });
}

/** A stage that counts what it accepts, ends the source when that is enough, and says when it can take no more. */
function createCountedStage(
  task: ThreadTask,
  builder: ComponentBuilder,
  port: ThreadPort,
  stop: AbortController,
): { readonly stage: Stage; readonly failed: Promise<never> } {
  const { maxMessages = Number.POSITIVE_INFINITY } = task;
  const counters = new Counters(task.counters);
  // What a thread before this one had read and not sealed is read again.
  if (builder.isReplayable(task.runner) || builder.isOfSets(task.runner)) counters.forgetUnsealed();
  let fail: (error: Error) => void;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const conversions = new ConversionWorker();
  const stage = builder.stage(task.runner, {
    logger: port.logger(task.runner),
    onAccepted: (messages, bytes) => {
      counters.add('messages', messages);
      counters.add('bytes', bytes);
      counters.set('received_ms', Date.now());
      counters.set('state', RUNNER_STATES.indexOf('working'));
      if (counters.get('messages') >= maxMessages) stop.abort('messages');
    },
    onSealed: (mark, sealed) => {
      counters.add('batches', sealed.batches);
      counters.add('messages_sealed', sealed.messages);
      counters.add('bytes_sealed', sealed.bytes);
      port.post({ type: 'sealed', mark });
    },
    onFailed: (error) => fail(error),
    convert: (segment) => conversions.convert(segment),
  });
  return { stage, failed };
}
