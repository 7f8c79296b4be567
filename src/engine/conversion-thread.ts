import { parentPort } from 'node:worker_threads';
import type { Conversion, ConversionTask } from '../stages/parquet/conversion-task.js';
import { convertSegment } from '../stages/parquet/convert-segment.js';
import { nodeStageFs } from '../stages/stage-fs.js';
import { messageOf } from '../utils/errors.js';

/** What the thread says to each task. */
export type ConversionAnswer = Conversion | { readonly error: string };

/** The entry of the thread that converts segments, one after the other. */
parentPort?.on('message', async (task: ConversionTask) => {
  parentPort?.postMessage(await answer(task));
});

async function answer(task: ConversionTask): Promise<ConversionAnswer> {
  try {
    return await convertSegment(nodeStageFs, task);
  } catch (error) {
    return { error: messageOf(error) };
  }
}
