import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Conversion, ConversionTask } from '../stages/parquet/conversion-task.js';
import type { ConversionAnswer } from './conversion-thread.js';

/**
 * Converts segments to Parquet in a thread of its own, so that the thread that receives is not kept. The thread stays
 * for the next segment, because its code is fast only after a while, and ends with the thread that made it.
 */
export class ConversionWorker {
  #worker: Worker | undefined;

  /** Converts one segment; the caller waits for the answer before it asks again. */
  async convert(task: ConversionTask): Promise<Conversion> {
    const worker = this.#worker ?? new Worker(new URL('./conversion-thread.js', import.meta.url));
    this.#worker = undefined;
    worker.ref();
    const answered = new AbortController();
    const { signal } = answered;
    try {
      const ended = once(worker, 'exit', { signal }).then(() => {
        throw new Error('expected the thread that converts to answer, it ended');
      });
      worker.postMessage(task);
      const [answer] = (await Promise.race([once(worker, 'message', { signal }), ended])) as [
        ConversionAnswer,
      ];
      // Only a thread that answered is used again.
      this.#worker = worker;
      worker.unref();
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    } finally {
      answered.abort();
    }
  }
}
