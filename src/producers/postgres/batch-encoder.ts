import type { Batch, BatchContent, Receipt } from '../../stages/stage.js';
import type { Pacer } from '../../utils/pacer.js';
import type { MessageDecoder } from '../../utils/rows/message-decoder.js';
import { ReceiptLookUp } from '../../utils/rows/receipt-look-up.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import type { TableRouter } from '../../utils/rows/table-router.js';
import {
  type BatchCounts,
  BatchVisit,
  type BatchVisitor,
  type RowVerdict,
  type SetAside,
} from '../../utils/rows/visit-batch.js';
import type { RowRange, RowsTaken } from './encode/copy-kernel.js';

/** A message or row set aside. */
export interface DeadLetter extends SetAside {
  readonly receivedAtUs: number | undefined;
}

/** What of a batch goes to one target: bytes [from, to) of the buffer that the target's rows were encoded into. */
export interface EncodedPart {
  readonly batch: Batch;
  readonly target: string;
  readonly from: number;
  readonly to: number;
  readonly loadedRows: number;
  readonly discardedRows: number;
  readonly deadLetters: readonly DeadLetter[];
}

/** A batch as the rows of its targets' COPYs. Its first part has the dead letters that are no target's own. */
export interface EncodedBatch extends Readonly<BatchCounts> {
  readonly batch: Batch;
  readonly parts: readonly EncodedPart[];
}

/** Takes rows of a batch for one target. */
export interface PartEncoder {
  row(cells: RowCells, receipt: Receipt | undefined): RowVerdict;
  /** Takes rows of one receipt that are like the one before, whose cells these are. */
  rows(cells: RowCells, range: RowRange, receipt: Receipt | undefined): RowsTaken;
  /** Whether the receipt of a row goes into it. */
  readonly hasReceipts: boolean;
  /** Counts a row that was decided on before it came to a table. */
  note(verdict: RowVerdict): void;
  setAside(letter: DeadLetter): void;
  /** Ends the batch. @returns undefined when nothing of it was for this target, and no part `isNeeded` */
  end(batch: Batch, isNeeded: boolean): EncodedPart | undefined;
}

/** The targets of a source. */
export interface PartEncoders {
  /** Takes what is no other target's. */
  readonly main: PartEncoder;
  /** Chooses among the others; all rows are the main target's where there is none. */
  readonly router: TableRouter | undefined;
  of(table: string): PartEncoder;
  /** All but the main one. */
  others(): readonly PartEncoder[];
  /** Whether all must be encoded once more anyhow, so that the rest of the batch need not be looked at. */
  readonly isFutile: boolean;
}

/** How a batch is decoded. */
export interface BatchDecoding {
  readonly decoder: MessageDecoder;
  /** In bytes of messages. */
  readonly pacer: Pacer;
}

/** Decodes and encodes one batch, appending to the targets' buffers. */
export async function encodeBatch(
  batch: Batch,
  { bytes, receipts }: BatchContent,
  { decoder, pacer }: BatchDecoding,
  encoders: PartEncoders,
): Promise<EncodedBatch> {
  const visit = new BatchVisit(bytes, decoder, new PartVisitor({ bytes, receipts }, encoders));
  for (let isMore = true; isMore; ) {
    const { left } = pacer;
    isMore = visit.go(left);
    await pacer.done(isMore ? left : Math.min(left, bytes.length));
    if (encoders.isFutile) break;
  }
  return { batch, ...visit.counts, parts: endParts(batch, encoders) };
}

/** Hands rows and dead letters to their targets. */
class PartVisitor implements BatchVisitor {
  readonly #encoders: PartEncoders;
  readonly #bytes: Buffer;
  readonly #receipts: ReceiptLookUp<Receipt>;
  /** Whose the next dead letter is. */
  #owner: PartEncoder;

  constructor({ bytes, receipts }: BatchContent, encoders: PartEncoders) {
    this.#encoders = encoders;
    this.#bytes = bytes;
    this.#receipts = new ReceiptLookUp(receipts);
    this.#owner = encoders.main;
  }

  row(cells: RowCells, at: number): RowVerdict {
    const { main, router } = this.#encoders;
    return router === undefined ? main.row(cells, this.#receipts.at(at)) : this.#route(router, cells, at);
  }

  rows(cells: RowCells, from: number, to: number): RowsTaken {
    const { main, router } = this.#encoders;
    // Which table a row is for can be seen only one by one.
    if (router !== undefined) return { rows: 0, at: from };
    const receipt = this.#receipts.at(from);
    const end = main.hasReceipts ? Math.min(to, this.#receipts.end) : to;
    return main.rows(cells, { bytes: this.#bytes, from, to: end }, receipt);
  }

  setAside(letter: SetAside, at: number): void {
    // The batch's own memory is used again for another.
    const raw = Buffer.from(letter.raw);
    this.#owner.setAside({ ...letter, raw, receivedAtUs: this.#receipts.at(at)?.receivedAtUs });
    this.#owner = this.#encoders.main;
  }

  #route(router: TableRouter, cells: RowCells, at: number): RowVerdict {
    const destination = router.destinationOf(cells);
    if (!('table' in destination)) {
      this.#encoders.main.note(destination.verdict);
      return destination.verdict;
    }
    const target = this.#encoders.of(destination.table);
    const verdict = target.row(cells, this.#receipts.at(at));
    if (typeof verdict === 'string') this.#owner = target;
    return verdict;
  }
}

/** A batch of which nothing is for any table is entered into the ledger all the same. */
function endParts(batch: Batch, encoders: PartEncoders): readonly EncodedPart[] {
  const others = encoders
    .others()
    .map((encoder) => encoder.end(batch, false))
    .filter((part) => part !== undefined);
  const own = encoders.main.end(batch, others.length === 0);
  return own === undefined ? others : [own, ...others];
}
