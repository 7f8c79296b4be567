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
  const files = ['data', 'open'].flatMap((part) =>
    readdirSync(join(folder, part)).map((name) => join(folder, part, name)),
  );
  return files.filter((file) => file.endsWith('.ndjson'));
}

function* lines(file: string): Generator<string> {
  let rest = Buffer.alloc(0);
  for (const block of blocks(file)) {
    const bytes = Buffer.concat([rest, block]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    yield* nonEmptyLines(bytes.toString('utf8', 0, end));
    rest = bytes.subarray(end);
  }
  yield* nonEmptyLines(rest.toString('utf8'));
}

function nonEmptyLines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function* blocks(file: string): Generator<Buffer> {
  const descriptor = openSync(file, 'r');
  try {
    for (let length = -1; length !== 0; ) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      length = readSync(descriptor, block, 0, BLOCK_BYTES, null);
      yield block.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}
