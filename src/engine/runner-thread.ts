import { parentPort, workerData } from 'node:worker_threads';
import { Redactor } from '../utils/redaction.js';
import { runConsumer } from './consumer-thread.js';
import { runProducer } from './producer-thread.js';
import { ThreadPort } from './thread-port.js';
import type { ThreadTask } from './thread-protocol.js';

/** The entry of every runner thread. It ends with `done` or `failed`; a thread that ends without either has failed. */
async function main(): Promise<void> {
  if (parentPort === null) throw new Error('expected to be started as a worker thread');
  const task = workerData as ThreadTask;
  const redactor = new Redactor();
  const port = new ThreadPort(parentPort, redactor);
  const isConsumer = task.pipeline.runners.some(
    ({ name, type }) => name === task.runner && type === 'consumer',
  );
  try {
    const run = isConsumer ? runConsumer(task, port) : runProducer(task, port, redactor);
    port.post({ type: 'done', outcome: await run });
  } catch (error) {
    port.fail(error);
  } finally {
    port.close();
  }
}

await main();
