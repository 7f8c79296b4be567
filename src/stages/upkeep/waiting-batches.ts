import { readCursor } from '../log/cursor.js';
import { SealedBatch } from '../log/sealed-batch.js';
import type { Batch } from '../stage.js';
import { readBatches, type StageFolder } from './stage-folder.js';

/** So much is enough to see what the rows are like. */
const ENOUGH = { messages: 50_000, bytes: 64 * 1024 * 1024 } as const;

/** The first batches that a reader has not passed; its cursor stays where it is. @param alarm is told of damage */
export async function waitingBatches(
  folder: StageFolder,
  reader: string,
  alarm: (message: string) => void,
): Promise<readonly Batch[]> {
  const passed = (await readCursor(folder.fs, folder.layout, reader))?.seq ?? 0;
  const batches: Batch[] = [];
  let messages = 0;
  let bytes = 0;
  for await (const queued of readBatches(folder, alarm)) {
    if (queued.fact.seq <= passed) continue;
    const batch = new SealedBatch({ ...folder, onDamage: alarm }, queued.fact, queued);
    batches.push(batch);
    messages += batch.messages;
    bytes += batch.byteLength;
    if (messages >= ENOUGH.messages || bytes >= ENOUGH.bytes) break;
  }
  return batches;
}
