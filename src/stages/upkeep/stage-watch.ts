import { readCursor } from '../log/cursor.js';
import { foldManifest } from '../log/fold-manifest.js';
import { readIdentity, type StageOwner } from '../log/identity.js';
import { StageLayout } from '../log/layout.js';
import { ManifestTail } from '../log/manifest-tail.js';
import { WriterState } from '../log/writer-state.js';
import type { StageFs } from '../stage-fs.js';

/** For who only shows figures it is the same whether a line would survive a crash. */
const WHATEVER = { file: Number.MAX_SAFE_INTEGER, offset: Number.MAX_SAFE_INTEGER };

/** How much of a stage a reader has not passed. */
export interface Waiting {
  readonly batches: number;
  readonly bytes: number;
}

/** Follows what a stage's manifest adds up to, for those who show it; each look reads only what is new. */
export class StageWatch {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #tail: ManifestTail;
  readonly state = new WriterState();

  private constructor(fs: StageFs, layout: StageLayout, tail: ManifestTail) {
    this.#fs = fs;
    this.#layout = layout;
    this.#tail = tail;
  }

  /** @returns undefined while nothing was staged there */
  static async open(fs: StageFs, folder: string, owner: StageOwner): Promise<StageWatch | undefined> {
    const layout = new StageLayout(folder);
    if ((await readIdentity(fs, layout, owner)) === undefined) return undefined;
    const folded = await foldManifest(fs, layout);
    if (folded === undefined) return undefined;
    return new StageWatch(fs, layout, new ManifestTail(fs, layout, folded.newest.number));
  }

  /** Brings `state` up to date. */
  async look(): Promise<void> {
    for (;;) {
      const { facts, damaged } = await this.#tail.next(WHATEVER);
      for (const fact of facts) this.state.apply(fact);
      if (facts.length + damaged === 0) return;
    }
  }

  /** What waits for a reader, by the last look. */
  async waitingFor(reader: string): Promise<Waiting> {
    const { pruned, nextSeq, bytes } = this.state;
    const cursor = await readCursor(this.#fs, this.#layout, reader);
    const place = cursor ?? { seq: pruned.through, bytes: pruned.bytes };
    return {
      batches: Math.max(0, nextSeq - 1 - Math.max(place.seq, pruned.through)),
      bytes: Math.max(0, bytes - Math.max(place.bytes, pruned.bytes)),
    };
  }

  close(): Promise<void> {
    return this.#tail.close();
  }
}
