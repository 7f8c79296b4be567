import type { BatchContent } from '../../stages/stage.js';
import { columnName } from '../../utils/columns/column-name.js';
import { instantText } from '../../utils/instant-text.js';
import type { Receipt } from '../../utils/rows/batch-content.js';
import { MessageDecoder } from '../../utils/rows/message-decoder.js';
import { ReceiptLookUp } from '../../utils/rows/receipt-look-up.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import { rowText } from '../../utils/rows/row-text.js';
import { type Destination, TableRouter } from '../../utils/rows/table-router.js';
import {
  type BatchCounts,
  type RowVerdict,
  type SetAside,
  visitBatch,
} from '../../utils/rows/visit-batch.js';
import type { Source } from '../producer.js';
import { fillPath } from './path-template.js';
import { RowGroup } from './row-group.js';

/** What a batch comes to: the rows of each folder, and what was set aside. */
export interface BatchFiles {
  readonly groups: ReadonlyMap<string, RowGroup>;
  readonly letters: readonly { readonly letter: SetAside; readonly receivedAtUs: number | undefined }[];
  readonly counts: BatchCounts;
}

/** How rows are sorted into folders. */
export interface Sorting {
  readonly template: string;
  readonly source: Source;
  /** Whether the metadata columns are written into the rows; where the format does that by itself they are not. */
  readonly withMetadata: boolean;
}

/** Sorts the rows of a batch by the folders that they go to. The same batch comes to the same. */
export function sortBatch({ bytes, receipts }: BatchContent, sorting: Sorting): BatchFiles {
  const { source } = sorting;
  const { decode, table } = source;
  const router = typeof table === 'string' ? undefined : new TableRouter(table);
  const renamed = new Map(Object.entries(decode.rename));
  const nameOf = (key: string) => columnName(renamed.get(key) ?? key, decode.metadata);
  const groups = new Map<string, RowGroup>();
  const letters: BatchFiles['letters'][number][] = [];
  const rowReceipts = new ReceiptLookUp(receipts);
  const letterReceipts = new ReceiptLookUp(receipts);
  const counts = visitBatch(bytes, new MessageDecoder(decode), {
    row: (cells: RowCells, at: number): RowVerdict => {
      const to: Destination = router?.destinationOf(cells) ?? { table: table as string };
      if (!('table' in to)) return to.verdict;
      const receipt = rowReceipts.at(at);
      const folder = folderOf(sorting, to.table, receipt);
      const group = groups.get(folder) ?? new RowGroup();
      groups.set(folder, group);
      group.add(rowText(cells, nameOf, sorting.withMetadata ? metadataOf(source, receipt) : []), receipt);
      return undefined;
    },
    setAside: (letter, at) => letters.push({ letter, receivedAtUs: letterReceipts.at(at)?.receivedAtUs }),
  });
  return { groups, letters, counts };
}

/** By when it was received, not by when it is written: a batch that is written again goes to the same places. */
function folderOf({ template, source }: Sorting, table: string, receipt: Receipt | undefined): string {
  const at = instantText(receipt?.receivedAtUs ?? 0);
  return fillPath(template, {
    table,
    consumer: source.consumer,
    date: at.slice(0, 10),
    hour: at.slice(11, 13),
  });
}

function metadataOf({ decode }: Source, receipt: Receipt | undefined): readonly string[] {
  const values = {
    received_at: receipt && `"${instantText(receipt.receivedAtUs)}"`,
    connection: receipt && String(receipt.connection),
  };
  return decode.metadata.map((name) => `${JSON.stringify(name)}:${values[name] ?? 'null'}`);
}
