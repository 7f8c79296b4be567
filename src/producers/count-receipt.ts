import type { Batch } from '../stages/stage.js';
import { nowUs } from '../utils/clock.js';
import type { ProducerContext, Receipt, Source } from './producer.js';

/** Counts what became of batches that are in the sink now. */
export function countReceipt(
  { counters, lags }: Pick<ProducerContext, 'counters' | 'lags'>,
  source: Pick<Source, 'counters'>,
  batches: readonly Batch[],
  receipt: Receipt,
): void {
  const atUs = nowUs();
  counters.add('batches', batches.length);
  counters.set('received_ms', Date.now());
  for (const { byteLength, messages, received } of batches) {
    counters.add('bytes', byteLength);
    if (received !== undefined) lags?.add(messages, received, atUs);
  }
  counters.add('messages', receipt.messages);
  counters.add('messages_skipped', receipt.skippedMessages);
  counters.add('messages_decoded', receipt.decodedMessages);
  counters.add('messages_ignored', receipt.ignoredMessages);
  counters.add('messages_dead', receipt.deadMessages);
  counters.add('rows', receipt.rows);
  counters.add('rows_fast', receipt.fastRows ?? 0);
  counters.add('loaded', receipt.loadedRows);
  counters.add('dead', receipt.deadRows);
  counters.add('discarded', receipt.discardedRows ?? 0);
  counters.add('merged', receipt.mergedRows ?? 0);
  counters.add('duplicates_skipped', receipt.skippedRows);
  source.counters?.add('messages_ignored', receipt.ignoredMessages);
  source.counters?.add('messages_dead', receipt.deadMessages);
}
