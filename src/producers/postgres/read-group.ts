import type { Batch, BatchContent } from '../../stages/stage.js';
import type { BatchGroup } from './source-loader.js';

/** Reads the batches of a group when they are first asked for. */
export class GroupReader {
  readonly #batches: readonly Batch[];
  #group: BatchGroup | undefined;

  constructor(batches: readonly Batch[]) {
    this.#batches = batches;
  }

  async read(): Promise<BatchGroup> {
    this.#group ??= await readAll(this.#batches);
    return this.#group;
  }
}

async function readAll(batches: readonly Batch[]): Promise<BatchGroup> {
  const group: { batch: Batch; content: BatchContent }[] = [];
  for (const batch of batches) group.push({ batch, content: await batch.read() });
  return group;
}
