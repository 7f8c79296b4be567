import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 256 * 1024;

/** The lines of a file, or of all segments of a stage's folder, in the order in which they were received. */
export function* recordedMessages(path: string): Generator<string> {
  const files = statSync(path).isDirectory() ? segmentFiles(path) : [path];
  for (const file of files) yield* lines(file);
}

/** A stage keeps whole segments in `data` and the one being written in `open`; names sort by number. */
function segmentFiles(folder: string): readonly string[] {
  const files = ['data', 'open'].flatMap((part) => readdirSync(join(folder, part)).map((name) => join(folder, part, name)));
  return files.filter((file) => file.endsWith('.ndjson'));
}

function* lines(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const length = readSync(descriptor, block, 0, BLOCK_BYTES, null);
      const bytes = Buffer.concat([rest, block.subarray(0, length)]);
      const end = length === 0 ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
      for (const line of bytes.toString('utf8', 0, end).split('\n')) if (line !== '') yield line;
      if (length === 0) return;
      rest = bytes.subarray(end);
    }
  } finally {
    closeSync(descriptor);
  }
}
