import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { renameFile } from './rename-file.js';
import { syncFolder } from './sync-folder.js';

/** Makes folders that would survive a crash, each looked after once: an entry may have been made by a process that died before its sync. */
export class DurableFolders {
  readonly #root: string;
  readonly #made = new Map<string, Promise<void>>();

  /** @param root absolute; the folders above it are taken to be there for good */
  constructor(root: string) {
    this.#root = root;
  }

  /** Resolves when the folder, and all between it and the root, are there and durable. */
  make(folder: string): Promise<void> {
    const known = this.#made.get(folder);
    if (known !== undefined) return known;
    const made = this.#make(folder);
    this.#made.set(folder, made);
    // Tried again by who comes next.
    made.catch(() => this.#made.delete(folder));
    return made;
  }

  async #make(folder: string): Promise<void> {
    const above = dirname(folder);
    const isBelow = folder !== this.#root && above !== folder;
    if (isBelow) await this.make(above);
    const made = await mkdir(folder, { recursive: true });
    // Above the root somebody else may be the owner, who lets nobody look.
    if (isBelow || made !== undefined) await syncFolder(above);
  }
}

/**
 * Writes a file whole or not at all: under another name first, synced, then put in its place, whatever was there. It
 * would survive a crash once this resolves, as far as its folder does.
 */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.tmp`;
  const file = await open(unfinished, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await renameFile(unfinished, path);
  await syncFolder(dirname(path));
}
