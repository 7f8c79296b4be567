import type { Receipt } from '../../stages/stage.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import type { RowFormat } from './row-format.js';
import type { TablePlan } from './table-plan.js';

/** Writes the fields that say how a row was received. */
export function putMetadata(
  out: CopyBuffer,
  format: RowFormat,
  names: TablePlan['metadata'],
  receipt: Receipt | undefined,
): void {
  for (const name of names) {
    if (receipt === undefined) format.none(out);
    else if (name === 'received_at') format.instant(out, receipt.receivedAtUs);
    else format.integer(out, receipt.connection);
  }
}
