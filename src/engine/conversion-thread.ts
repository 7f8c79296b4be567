import { parentPort, workerData } from 'node:worker_threads';
import type { ConversionTask } from '../stages/parquet/conversion-task.js';
import { convertSegment } from '../stages/parquet/convert-segment.js';
import { nodeStageFs } from '../stages/stage-fs.js';

/** The entry of a thread that converts one segment and answers with what came of it. */
parentPort?.postMessage(await convertSegment(nodeStageFs, workerData as ConversionTask));
