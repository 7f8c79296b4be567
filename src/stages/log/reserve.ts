import type { StageFs } from '../stage-fs.js';
import type { StageLayout } from './layout.js';
import { isNoSpace } from './no-space.js';

/** Bytes of the reserve. */
export const RESERVE_BYTES = 1024 * 1024;

/**
 * Real bytes set aside while there was room, given up when the disk is full, so that the facts about what is durable,
 * and the cursors, can still be written: that is what lets producers pass messages and free room.
 */
export class Reserve {
  readonly #fs: StageFs;
  readonly #path: string;

  constructor(fs: StageFs, layout: StageLayout) {
    this.#fs = fs;
    this.#path = layout.reserve;
  }

  /** Sets the bytes aside if they are not; on a full disk there is none. Not zeros, which a disk might not store. */
  async fill(): Promise<void> {
    if (await this.#fs.exists(this.#path)) return;
    const file = await this.#fs.open(this.#path, 'append');
    let isFull = false;
    try {
      await file.write([Buffer.alloc(RESERVE_BYTES, 'reserve ')], 0);
    } catch (error) {
      isFull = isNoSpace(error);
      if (!isFull) throw error;
    } finally {
      await file.close();
    }
    if (isFull) await this.drop();
  }

  /** Gives the bytes up; the writer and a reader beside it may do so at once. */
  async drop(): Promise<void> {
    await this.#fs.unlink(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
