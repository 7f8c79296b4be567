import type { StageFs } from '../stage-fs.js';
import { writeAtomically } from './atomic-file.js';
import type { StageLayout } from './layout.js';

/**
 * The batch that a reader has passed; 0 when it has passed none. A missing or unreadable cursor counts as 0: the
 * sink's ledger knows what it holds, so a cursor that is too low costs time and nothing else.
 */
export async function readCursor(fs: StageFs, layout: StageLayout, reader: string): Promise<number> {
  const text = (await fs.readSmall(layout.cursor(reader))) ?? '';
  const seq = Number(/"seq":(\d+)/.exec(text)?.[1] ?? 0);
  return Number.isSafeInteger(seq) ? seq : 0;
}

/** Moves a reader's cursor. */
export async function writeCursor(
  fs: StageFs,
  layout: StageLayout,
  reader: string,
  seq: number,
): Promise<void> {
  const cursor = { seq, at: new Date().toISOString() };
  await writeAtomically(fs, layout.cursor(reader), `${JSON.stringify(cursor)}\n`);
}
