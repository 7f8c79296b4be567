import { type CellEncoder, literalText } from './cell-encoder.js';
import type { CopyBuffer } from './copy-buffer.js';

const PATTERN = /^-?\d{1,19}$/;
const SAFE_DIGITS = 15;

/** An encoder of two's-complement integers of so many bytes. */
export function integerEncoder(byteCount: 2 | 4 | 8): CellEncoder {
  const max = 2n ** BigInt(byteCount * 8 - 1) - 1n;
  const put = { 2: putInt16, 4: putInt32, 8: putInt64 }[byteCount];
  return (out, cells, i) => {
    const text = literalText(cells, i);
    if (text === undefined || !isInteger(text, max)) return false;
    out.putInt32(byteCount);
    put(out, text);
    return true;
  };
}

/** Whether a literal is an integer in [-max-1, max]. */
export function isInteger(text: string, max: bigint): boolean {
  if (!PATTERN.test(text)) return false;
  if (text.length <= SAFE_DIGITS && max > 2n ** 53n) return true;
  const value = BigInt(text);
  return value <= max && value >= -max - 1n;
}

function putInt16(out: CopyBuffer, text: string): void {
  out.putInt16(Number(text));
}

function putInt32(out: CopyBuffer, text: string): void {
  out.putInt32(Number(text));
}

function putInt64(out: CopyBuffer, text: string): void {
  out.putInt64(BigInt(text));
}
