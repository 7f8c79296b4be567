import type { Receipt } from '../rows/batch-content.js';
import type { DecodeSettings } from '../rows/decode-settings.js';
import type { Column } from './column-table.js';

type Metadata = DecodeSettings['metadata'][number];

interface Run {
  readonly fromRow: number;
  readonly receipt: Receipt | undefined;
}

/** Which rows were received when and on which connection; as much as there are receipts, not rows. */
export class ReceiptRuns {
  readonly #runs: Run[] = [];
  #last: Receipt | undefined;

  /** Says with which receipt a row came. Rows come in ascending order. */
  note(row: number, receipt: Receipt | undefined): void {
    if (receipt === this.#last && this.#runs.length > 0) return;
    this.#last = receipt;
    this.#runs.push({ fromRow: row, receipt });
  }

  toColumn(name: Metadata, rows: number): Column {
    const values = new BigInt64Array(rows);
    const valid = new Uint8Array(rows);
    let nulls = rows;
    this.#runs.forEach(({ fromRow, receipt }, index) => {
      if (receipt === undefined) return;
      const toRow = this.#runs[index + 1]?.fromRow ?? rows;
      values.fill(metadataOf(receipt, name), fromRow, toRow);
      valid.fill(1, fromRow, toRow);
      nulls -= toRow - fromRow;
    });
    return { name, type: name === 'received_at' ? 'timestamp' : 'int64', values, valid, nulls };
  }
}

function metadataOf({ receivedAtUs, connection }: Receipt, name: Metadata): bigint {
  return BigInt(name === 'received_at' ? receivedAtUs : connection);
}
