import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../utils/errors.js';
import type { StageContext } from '../stage.js';
import type { DiskRoom } from './disk-room.js';
import type { Fact, SealReason } from './fact.js';
import type { FlushGroup } from './flush-group.js';
import type { Journal } from './journal.js';
import type { LaidPart } from './lay-out.js';
import type { ManifestWriter } from './manifest-writer.js';
import { isNoSpace } from './no-space.js';
import type { Pruner } from './pruner.js';
import { countSealed } from './sealed-counts.js';
import type { WriterState } from './writer-state.js';

const PAUSE_MS = 200;

/** The parts of a stage's log that its store joins. */
export interface LogParts {
  readonly folder: string;
  readonly stageId: string;
  readonly journal: Journal;
  readonly manifest: ManifestWriter;
  readonly state: WriterState;
  readonly room: DiskRoom;
  readonly reserve: { drop(): Promise<void>; fill(): Promise<void> };
  readonly pruner: Pruner;
}

/**
 * Makes groups durable, one at a time: messages into the journal, then what was sealed into the manifest. Without room
 * it waits, and meanwhile seals what is durable and prunes, so that producers can make room. The caller never starts
 * two calls at once.
 */
export class LogStore {
  readonly #parts: LogParts;
  readonly #context: StageContext;
  readonly #manifestLines: number;
  #isClosing = false;
  #isPaused = false;

  constructor(parts: LogParts, context: StageContext, manifestLines: number) {
    this.#parts = parts;
    this.#context = context;
    this.#manifestLines = manifestLines;
  }

  /** Where the stage lies. */
  get folder(): string {
    return this.#parts.folder;
  }

  /** Ends a wait for room with the error that began it. */
  giveUpWaiting(): void {
    this.#isClosing = true;
  }

  /** Makes a group durable; what of it is durable when this fails is no longer in it. */
  async store(group: FlushGroup): Promise<void> {
    await this.appendFacts(group.early.splice(0));
    while (group.entries.length > 0) await this.#storePart(group);
    await this.appendFacts(group.late.splice(0));
  }

  /** Removes what every reader has passed and nobody asked to keep. */
  async tidy(): Promise<void> {
    await this.#parts.pruner.prune(this.#parts.state, (fact) => this.appendFacts([fact]));
  }

  /** Makes facts durable: from here on they count. A file of the manifest gets no more lines than it should have. */
  async appendFacts(facts: readonly Fact[]): Promise<void> {
    for (let at = 0; at < facts.length; at += this.#manifestLines) {
      await this.#appendLines(facts.slice(at, at + this.#manifestLines));
    }
  }

  async #appendLines(facts: readonly Fact[]): Promise<void> {
    const { manifest, state, stageId } = this.#parts;
    await this.#withRoom(() => manifest.append(facts));
    for (const fact of facts) state.apply(fact);
    this.#context.onSealed?.(manifest.mark, countSealed(facts));
    if (manifest.lines < this.#manifestLines) return;
    await this.#withRoom(() => manifest.roll(state.header(stageId)));
    this.#context.onSealed?.(manifest.mark, countSealed([]));
  }

  async close(): Promise<void> {
    try {
      await this.#parts.journal.close();
    } finally {
      await this.#parts.manifest.close();
    }
  }

  async #storePart(group: FlushGroup): Promise<void> {
    if (this.#parts.room.isDue) await this.#untilRoom(group.bytes);
    const part = await this.#append(group);
    await this.appendFacts(part.sealed);
    group.entries.splice(0, part.count);
    if (part.isLast) await this.#finish(part.segment);
  }

  async #append(group: FlushGroup): Promise<LaidPart> {
    for (let failures = 0; ; ) {
      try {
        const part = await this.#parts.journal.append(group.entries);
        await this.#goOn();
        return part;
      } catch (error) {
        if (!isNoSpace(error)) failures++;
        await this.#mendAppend(error, failures, group.bytes);
      }
    }
  }

  /** Makes another attempt possible: with room, or in a new segment. @throws the error when neither would help */
  async #mendAppend(error: unknown, failures: number, wanted: number): Promise<void> {
    if (failures > 1 || this.#isClosing || !isDiskError(error)) throw error;
    // What is durable of a set must not be sealed as one.
    if (this.#context.isOfSets) throw error;
    if (!isNoSpace(error)) return this.#leaveSegment(error);
    await this.#pause('the disk is full');
    return this.#untilRoom(wanted);
  }

  /** A failed sync is final for its file: Linux forgets the pages, and a second sync would call them durable. */
  async #leaveSegment(cause: unknown): Promise<void> {
    const message = `a file of the stage failed; what was durable is sealed, the rest goes into a new one: ${messageOf(cause)}`;
    this.#context.logger.log({ level: 'error', message });
    await this.#endSegment('disk_error');
  }

  async #endSegment(by: SealReason): Promise<void> {
    const { segment, sealed } = await this.#withRoom(() => this.#parts.journal.leaveSegment(by));
    await this.appendFacts(sealed);
    await this.#finish(segment);
  }

  async #finish(segment: number): Promise<void> {
    await this.#withRoom(() => this.#parts.journal.finish(segment));
    this.#parts.state.finish(segment);
  }

  /** @param wanted bytes that are to be written afterwards */
  async #untilRoom(wanted: number): Promise<void> {
    const { pruner, room, state } = this.#parts;
    const look = () => room.shortage(pruner.backlog(state), this.#isPaused ? wanted : 0);
    for (let shortage = await look(); shortage !== undefined && !this.#isClosing; shortage = await look()) {
      await this.#pause(shortage);
    }
  }

  /** Waits a little for room, and makes what is durable ready for the producers. */
  async #pause(shortage: string): Promise<void> {
    if (!this.#isPaused) await this.#beginPause(shortage);
    await this.tidy();
    await delay(PAUSE_MS);
  }

  /** Also the open segment may be what fills the disk, and only a whole one can be pruned. */
  async #beginPause(shortage: string): Promise<void> {
    this.#isPaused = true;
    const hint = 'it goes on by itself when there is room; a stream that waits too long gets a gap';
    this.#context.logger.log({ level: 'warn', message: `paused: ${shortage}`, hint });
    await this.#parts.reserve.drop();
    if (!this.#context.isOfSets) await this.#endSegment('pause');
  }

  async #goOn(): Promise<void> {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    await this.#parts.reserve.fill();
    this.#context.logger.log({ level: 'info', message: 'going on: there is room again' });
  }

  /** For the little that facts need; the reserve is there for them. */
  async #withRoom<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isNoSpace(error) || this.#isClosing) throw error;
        await this.#makeRoom(attempt);
      }
    }
  }

  async #makeRoom(attempt: number): Promise<void> {
    await this.#parts.reserve.drop();
    if (attempt === 0) return;
    if (attempt === 1) {
      const message = 'the disk is full: not even the stage’s own facts can be written; waiting for room';
      this.#context.logger.log({ level: 'error', message });
    }
    await delay(PAUSE_MS);
  }
}

function isDiskError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code));
}
