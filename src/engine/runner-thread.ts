import { parentPort, workerData } from 'node:worker_threads';
import { Redactor } from '../utils/redaction.js';
import { runConsumer } from './consumer-thread.js';
import type { Runner } from './pipeline.js';
import { runProducer } from './producer-thread.js';
import { ThreadPort } from './thread-port.js';
import type { ThreadTask } from './thread-protocol.js';

/** The entry of every runner thread. It ends with `done` or `failed`; a thread that ends without either has failed. */
async function main(): Promise<void> {
  if (parentPort === null) throw new Error('expected to be started as a worker thread');
  const task = workerData as ThreadTask;
  const redactor = new Redactor();
  const port = new ThreadPort(parentPort, redactor);
  const runner = task.pipeline.runners.find(({ name }) => name === task.runner) as Runner;
  try {
    const run = runner.type === 'consumer' ? runConsumer(task, runner, port) : runProducer(task, runner, port, redactor);
    port.post({ type: 'done', outcome: await run });
  } catch (error) {
    port.fail(error);
  } finally {
    port.close();
  }
}

await main();
