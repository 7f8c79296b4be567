import { SocketElError } from '../../utils/errors.js';
import { readCursor, writeCursor } from '../log/cursor.js';
import { readBatches, type StageFolder } from './stage-folder.js';

/** Where a reader is to begin again: with a batch, or with what was received at a time or later (microseconds). */
export type ReplayStart = { readonly seq: number } | { readonly sinceUs: number };

/** The first batch that the reader will read again, and how many that are. */
export interface Replayed {
  readonly first: number;
  readonly batches: number;
  readonly messages: number;
}

/**
 * Sets a reader's cursor back, never forward: what it has not passed it reads in any case. The reader's ledger decides what
 * of it is loaded again, so this alone doubles nothing.
 *
 * @throws SocketElError `stage.locked` while the reader runs, `usage.argument` when the batch is not kept
 */
export async function setCursorBack(
  folder: StageFolder,
  reader: string,
  start: ReplayStart,
): Promise<Replayed> {
  const { fs, layout, state } = folder;
  const lock = await fs.lock(layout.cursorLock(reader), `cursor of ${reader}`);
  try {
    if ('seq' in start) assertKept(folder, start.seq);
    const kept = { seq: state.pruned.through, bytes: state.pruned.bytes };
    const passed = (await readCursor(fs, layout, reader)) ?? kept;
    let before = kept;
    let [batches, messages] = [0, 0];
    for await (const { fact, bytesThrough } of readBatches(folder, () => {})) {
      const isBefore = 'seq' in start ? fact.seq < start.seq : fact.received_us < start.sinceUs;
      if (batches === 0 && isBefore && fact.seq <= passed.seq)
        before = { seq: fact.seq, bytes: bytesThrough };
      else {
        batches++;
        messages += fact.messages;
      }
    }
    await writeCursor(fs, layout, reader, { ...before, begun: true });
    return { first: before.seq + 1, batches, messages };
  } finally {
    await lock.release();
  }
}

/** Removes a reader's cursor and lock, so that it keeps no batch any more. @returns false when there was none */
export async function forgetReader({ fs, layout }: StageFolder, reader: string): Promise<boolean> {
  if (!(await fs.exists(layout.cursor(reader)))) return false;
  const lock = await fs.lock(layout.cursorLock(reader), `cursor of ${reader}`);
  try {
    await fs.unlink(layout.cursor(reader));
    await fs.unlink(layout.cursorLock(reader));
    if (await fs.exists(layout.attempts(reader))) await fs.unlink(layout.attempts(reader));
    await fs.syncFolder(layout.cursorFolder);
  } finally {
    await lock.release();
  }
  return true;
}

function assertKept({ identity, layout, state }: StageFolder, seq: number): void {
  const oldest = state.pruned.through + 1;
  if (seq >= oldest) return;
  throw new SocketElError({
    code: 'usage.argument',
    path: layout.folder,
    message: `--from: expected a batch of ${identity.consumer} that is kept, ${oldest} or later, got ${seq}`,
    hint: 'stage.retain in the configuration says how long batches stay that every producer has passed',
  });
}
