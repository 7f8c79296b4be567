import { type CellEncoder, type Cells, type CellText, type ColumnCodec, plainText } from './cell-encoder.js';
import { CopyBuffer } from './copy-buffer.js';

const FIELD = 4;

/** Reads back a field of a binary COPY that was just written: its bytes without the length. */
type FieldText = (field: Buffer, cells: Cells, i: number) => string | undefined;

/**
 * A codec whose text lane takes exactly what its binary lane takes.
 *
 * @param toText the text of a value that fits; the value's own unless given
 */
export function codecOf(binary: CellEncoder, toText?: FieldText): ColumnCodec {
  return { binary, text: textWhere(binary, toText ?? ((_, cells, i) => plainText(cells, i))) };
}

function textWhere(binary: CellEncoder, toText: FieldText): CellText {
  const scratch = new CopyBuffer(64);
  return (cells, i) => {
    scratch.length = 0;
    if (!binary(scratch, cells, i)) return undefined;
    return toText(scratch.bytes.subarray(FIELD, scratch.length), cells, i);
  };
}
