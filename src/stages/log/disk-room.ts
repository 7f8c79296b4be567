import { formatByteSize } from '../../utils/byte-size.js';
import type { StageFs } from '../stage-fs.js';
import type { StageLayout } from './layout.js';
import { RESERVE_BYTES } from './reserve.js';

const LOOK_MS = 250;
const DEFAULT_MIN_FREE = 1024 ** 3;
/** Of a small disk the default asks for a twentieth only. */
const DEFAULT_SHARE = 20;

/** When no more messages may be stored. Bytes; undefined: the default, and no limit. */
export interface RoomSettings {
  readonly min_free_disk: number | undefined;
  readonly max_backlog: number | undefined;
}

/** Says whether there is room for more messages. */
export class DiskRoom {
  readonly #fs: StageFs;
  readonly #folder: string;
  readonly #settings: RoomSettings;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(fs: StageFs, layout: StageLayout, settings: RoomSettings) {
    this.#fs = fs;
    this.#folder = layout.folder;
    this.#settings = settings;
  }

  /** Whether it is time to look again; looking at every flush would cost a system call each. */
  get isDue(): boolean {
    return performance.now() - this.#lookedMs >= LOOK_MS;
  }

  /**
   * @param backlog bytes that not every producer has passed
   * @param wanted bytes that are to be written at once
   * @returns what is missing, as a sentence; undefined when there is room
   */
  async shortage(backlog: number, wanted = 0): Promise<string | undefined> {
    this.#lookedMs = performance.now();
    const { max_backlog, min_free_disk } = this.#settings;
    if (max_backlog !== undefined && backlog >= max_backlog) {
      return `${formatByteSize(backlog)} wait for producers, and stage.max_backlog is ${formatByteSize(max_backlog)}`;
    }
    const { free, total } = await this.#fs.space(this.#folder);
    const minFree = min_free_disk ?? Math.min(DEFAULT_MIN_FREE, total / DEFAULT_SHARE);
    if (free < minFree) {
      return `${formatByteSize(free)} of the disk are free, and stage.min_free_disk is ${formatByteSize(minFree)}`;
    }
    if (wanted > 0 && free < wanted + RESERVE_BYTES) return `${formatByteSize(free)} of the disk are free`;
    return undefined;
  }
}
