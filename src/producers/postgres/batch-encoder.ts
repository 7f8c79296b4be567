import type { Batch, BatchContent } from '../../stages/stage.js';
import type { MessageDecoder } from '../../utils/rows/message-decoder.js';
import { createReceiptLookUp } from '../../utils/rows/receipt-look-up.js';
import { type BatchCounts, type SetAside, visitBatch } from '../../utils/rows/visit-batch.js';
import type { CopyBuffer } from './encode/copy-buffer.js';
import type { RowEncoder } from './row-encoder.js';

/** A message or row set aside. */
export interface DeadLetter extends SetAside {
  readonly receivedAtUs: number | undefined;
}

/** A batch as tuples of a binary COPY: bytes [from, to) of the buffer that was encoded into. */
export interface EncodedBatch extends Readonly<BatchCounts> {
  readonly batch: Batch;
  readonly from: number;
  readonly to: number;
  readonly deadLetters: readonly DeadLetter[];
}

/** Decodes and encodes one batch, appending to `out`. */
export function encodeBatch(
  batch: Batch,
  content: BatchContent,
  out: CopyBuffer,
  codec: { readonly decoder: MessageDecoder; readonly rows: RowEncoder },
): EncodedBatch {
  const from = out.length;
  const receiptAt = createReceiptLookUp(content.receipts);
  const deadLetters: DeadLetter[] = [];
  const counts = visitBatch(content.bytes, codec.decoder, {
    row: (cells, at) => codec.rows.encode(cells, receiptAt(at)),
    setAside: (letter, at) => {
      deadLetters.push({ ...letter, receivedAtUs: receiptAt(at)?.receivedAtUs });
    },
  });
  return { batch, from, to: out.length, ...counts, deadLetters };
}
