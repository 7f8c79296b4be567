import { randomUUID } from 'node:crypto';
import { type Cursor, listReaders, readCursor, writeCursor } from '../log/cursor.js';
import { writeIdentity } from '../log/identity.js';
import { numbersIn } from '../log/layout.js';
import { ManifestWriter } from '../log/manifest-writer.js';
import { readBatches, type StageFolder } from './stage-folder.js';

/**
 * Gives a copied stage an identity of its own, so that its batches are no longer taken for those of the original.
 *
 * @param after the last batch that the original has loaded, or will; readers of this one go on behind it
 * @returns the new id
 * @throws SocketElError `stage.locked` while somebody writes or reads the stage
 */
export async function rekeyStage(folder: StageFolder, after: number): Promise<string> {
  const { fs, layout, identity, state } = folder;
  const lock = await fs.lock(layout.lock, `stage of ${identity.consumer}`);
  try {
    const id = randomUUID();
    const place = { seq: after, bytes: await bytesThrough(folder, after) };
    for (const reader of await listReaders(fs, layout)) await moveUp(folder, reader, place);
    const newest = numbersIn(await fs.list(layout.manifestFolder)).at(-1) ?? 0;
    await writeIdentity(fs, layout, { ...identity, id, rekeyed_after: after });
    // The newest first line names the stage too, should stage.json be damaged one day.
    const manifest = await ManifestWriter.create(fs, layout, newest + 1, state.header(id));
    await manifest.close();
    return id;
  } finally {
    await lock.release();
  }
}

/** The furthest that any reader of a stage has come. */
export async function furthestCursor({ fs, layout }: StageFolder): Promise<number> {
  const cursors = await Promise.all(
    (await listReaders(fs, layout)).map((reader) => readCursor(fs, layout, reader)),
  );
  return Math.max(0, ...cursors.map((cursor) => cursor?.seq ?? 0));
}

async function moveUp(
  { fs, layout }: StageFolder,
  reader: string,
  place: Pick<Cursor, 'seq' | 'bytes'>,
): Promise<void> {
  const lock = await fs.lock(layout.cursorLock(reader), `cursor of ${reader}`);
  try {
    const cursor = await readCursor(fs, layout, reader);
    if ((cursor?.seq ?? 0) < place.seq) await writeCursor(fs, layout, reader, place);
  } finally {
    await lock.release();
  }
}

async function bytesThrough(folder: StageFolder, seq: number): Promise<number> {
  let bytes = folder.state.pruned.bytes;
  for await (const batch of readBatches(folder, () => {})) {
    if (batch.fact.seq > seq) break;
    bytes = batch.bytesThrough;
  }
  return bytes;
}
