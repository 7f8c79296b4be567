import { Worker } from 'node:worker_threads';
import type { Conversion, ConversionTask } from '../stages/parquet/conversion-task.js';

/** Converts a segment to Parquet in a thread of its own, so that the thread that receives is not kept. */
export function convertInThread(task: ConversionTask): Promise<Conversion> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./conversion-thread.js', import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
    // Behind a message this changes nothing.
    worker.once('exit', (code) => reject(new Error(`the thread of the conversion ended with code ${code}`)));
  });
}
