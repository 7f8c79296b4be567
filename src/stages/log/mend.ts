import type { StageFs } from '../stage-fs.js';
import type { SealedFact, SealReason } from './fact.js';
import { readRecords } from './index-file.js';
import { numbersIn, type StageLayout } from './layout.js';
import { emptyBatch, type OpenBatch, sealedFact, withChunk } from './open-batch.js';
import type { ReceiptRecord } from './receipt-record.js';
import { readSpan } from './segment-span.js';

/**
 * Finds batches whose lines in the manifest are damaged by the indexes of the segments, where every record names its
 * batch. A batch keeps its number, its bytes and its checksum.
 *
 * @param range the first and the last batch wanted
 * @returns those that were found, in order
 */
export async function findBatches(
  fs: StageFs,
  layout: StageLayout,
  range: { readonly first: number; readonly last: number },
): Promise<readonly SealedFact[]> {
  const found: SealedFact[] = [];
  for (const segment of await listSegments(fs, layout)) {
    const span = await readSpan(fs, layout, segment);
    if (span.last !== undefined && span.last < range.first) break;
    const records = await readRecords(fs, layout, segment);
    const wanted = records.filter(({ record }) => record.seq >= range.first && record.seq <= range.last);
    // Of two under one number the older is what a file that failed has left.
    const known = new Set(found.map(({ seq }) => seq));
    found.unshift(...batchesOf(segment, wanted, 'mended').filter(({ seq }) => !known.has(seq)));
    if (records.some(({ record }) => record.seq < range.first)) break;
  }
  return found;
}

/** Consecutive records of one batch as that batch. */
export function batchesOf(
  segment: number,
  records: readonly { readonly number: number; readonly record: ReceiptRecord }[],
  by: SealReason,
): readonly SealedFact[] {
  const batches: OpenBatch[] = [];
  for (const { number, record } of records) {
    const last = batches.at(-1);
    if (last?.seq === record.seq) batches[batches.length - 1] = withChunk(last, record);
    else batches.push(withChunk(startOf(segment, number, record), record));
  }
  return batches.map((batch) => sealedFact(batch, by));
}

function startOf(segment: number, number: number, { seq, offset }: ReceiptRecord): OpenBatch {
  return emptyBatch({ seq, segment, offset, receipt: number });
}

/** Newest first. */
async function listSegments(fs: StageFs, layout: StageLayout): Promise<readonly number[]> {
  const names = [...(await fs.list(layout.dataFolder)), ...(await fs.list(layout.openFolder))];
  return [...new Set(numbersIn(names))].reverse();
}
