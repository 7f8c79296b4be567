import { type Batch, type BatchContent, ReadMemory } from '../../stages/stage.js';
import type { MessageDecoder } from '../../utils/rows/message-decoder.js';
import { allocateForKernel } from './encode/kernel-memory.js';

/** A batch to be loaded. */
export interface GroupMember {
  readonly batch: Batch;
  /** How its messages become rows, when not as those of the source. */
  readonly decoder?: MessageDecoder;
}

/** Batches that are loaded together. */
export type BatchGroup = readonly GroupMember[];

/** Reads the batches of a group, each while the one before is worked on. */
export class GroupRead {
  static readonly #spare: ReadMemory[] = [];
  readonly #memory: ReadMemory;
  readonly #group: BatchGroup;
  #at = 0;
  #isEnded = false;
  #restBytes: number;
  #reading: Promise<BatchContent> | undefined;

  /** Begins to read the first. */
  constructor(group: BatchGroup) {
    this.#memory = GroupRead.#spare.pop() ?? new ReadMemory(allocateForKernel);
    this.#group = group;
    this.#restBytes = group.reduce((sum, { batch }) => sum + batch.byteLength, 0);
    this.#begin();
  }

  /** The batches that were not asked for yet. */
  get rest(): BatchGroup {
    return this.#group.slice(this.#at);
  }

  get restBytes(): number {
    return this.#restBytes;
  }

  /** The next batch, undefined behind the last. Its content is valid until the next is asked for. */
  async next(): Promise<(GroupMember & { readonly content: BatchContent }) | undefined> {
    const member = this.#group[this.#at];
    if (member === undefined) return undefined;
    const content = (await this.#reading) as BatchContent;
    this.#at++;
    this.#restBytes -= member.batch.byteLength;
    this.#begin();
    return { ...member, content };
  }

  /** Ends the read, wherever it is, so that another can have its memory. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await Promise.allSettled([this.#reading]);
    GroupRead.#spare.push(this.#memory);
  }

  #begin(): void {
    this.#reading = this.#group[this.#at]?.batch.read(this.#memory);
    // Who asks for it hears of an error; nobody may come to that.
    this.#reading?.catch(() => {});
  }
}
