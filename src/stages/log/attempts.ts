import type { StageFs } from '../stage-fs.js';
import { checkedLine, parseCheckedLine } from './checked-line.js';
import type { StageLayout } from './layout.js';
import { isNoSpace } from './no-space.js';

/** How often a reader has begun with a batch, in whichever process. */
export interface Attempts {
  readonly seq: number;
  readonly attempts: number;
}

/**
 * Notes that a reader begins with batch `seq`, so that a batch that ends its process is known after the restart. It is
 * not synced: it has to outlive the process, not the machine.
 *
 * @returns how often it has begun with this batch, now included
 */
export async function noteAttempt(
  fs: StageFs,
  layout: StageLayout,
  reader: string,
  seq: number,
): Promise<number> {
  const text = (await fs.readSmall(layout.attempts(reader))) ?? '';
  const before = parseCheckedLine(text.trimEnd()) as Attempts | undefined;
  const attempts = before?.seq === seq ? before.attempts + 1 : 1;
  await write(fs, layout.attempts(reader), `${checkedLine({ seq, attempts })}\n`).catch((error: unknown) => {
    // A full disk must not keep anybody from loading, which is what makes room.
    if (!isNoSpace(error)) throw error;
  });
  return attempts;
}

/** Takes a note back: the reader ended in order. */
export async function takeBackAttempt(
  fs: StageFs,
  layout: StageLayout,
  reader: string,
  { seq, attempts }: Attempts,
): Promise<void> {
  const before = { seq, attempts: attempts - 1 };
  // Only a warning hangs on it.
  await write(fs, layout.attempts(reader), `${checkedLine(before)}\n`).catch(() => {});
}

async function write(fs: StageFs, path: string, line: string): Promise<void> {
  const bytes = Buffer.from(line);
  const file = await fs.open(path, 'append');
  try {
    await file.write([bytes], 0);
    await file.truncate(bytes.length);
  } finally {
    await file.close();
  }
}
