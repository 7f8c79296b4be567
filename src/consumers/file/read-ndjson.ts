import type { FileHandle } from 'node:fs/promises';
import type { ReadPart } from './read-part.js';
import type { FileSettings } from './settings.js';

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Reads one document a line. What stands behind the last newline is one too, if it is whole: otherwise somebody is
 * writing it, and it is left to a later run.
 */
export async function* readNdjson(
  file: FileHandle,
  start: number,
  { decode }: FileSettings,
): AsyncGenerator<ReadPart> {
  let next = start;
  let rest = Buffer.alloc(0);
  for (;;) {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, next + rest.length);
    const bytes = Buffer.concat([rest, block.subarray(0, bytesRead)]);
    const isEnd = bytesRead === 0 && (decode === 'text' || isWhole(bytes));
    const end = isEnd ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    next += end;
    rest = bytes.subarray(end);
    const unread = bytesRead === 0 ? rest.length : 0;
    yield { messages: linesOf(bytes.subarray(0, end)), next, unread };
    if (bytesRead === 0) return;
  }
}

function isWhole(line: Buffer): boolean {
  try {
    JSON.parse(line.toString());
    return true;
  } catch {
    return line.toString().trim() === '';
  }
}

/** An empty line is no message. */
function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline < 0 ? bytes.length : newline;
    const isBlank = to === from || (to - from === 1 && bytes[from] === RETURN);
    if (!isBlank) lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return lines;
}
