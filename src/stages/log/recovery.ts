import { join } from 'node:path';
import { nowUs } from '../../utils/clock.js';
import { instantText } from '../../utils/instant-text.js';
import type { StageFs } from '../stage-fs.js';
import { type Cursor, listReaders, readCursor } from './cursor.js';
import type { Fact } from './fact.js';
import { finishSegment } from './finish-segment.js';
import { readRecords } from './index-file.js';
import { numbersIn, type StageLayout } from './layout.js';
import type { ManifestWriter } from './manifest-writer.js';
import { type RecoveredManifest, recoverManifest } from './recover-manifest.js';
import { recoverSegment, type SegmentRecovery } from './recover-segment.js';
import { readSpan } from './segment-span.js';
import type { WriterState } from './writer-state.js';

/** A stage that is whole again and ready to be appended to. */
export interface Recovered {
  readonly manifest: ManifestWriter;
  readonly state: WriterState;
  /** Messages that were durable but in no batch yet; they are in one now. */
  readonly recoveredMessages: number;
  /** What was found damaged, as sentences. */
  readonly alarms: readonly string[];
}

/** What recovery is told about the stage. */
export interface RecoverOptions {
  readonly stageId: string;
  readonly replayable: boolean;
}

/**
 * Makes a stage whole after whatever end its last writer had. The caller holds the writer's lock. Killed at any point
 * and run again it comes to the same result.
 */
export async function recover(fs: StageFs, layout: StageLayout, options: RecoverOptions): Promise<Recovered> {
  const recovered = await recoverManifest(fs, layout, options.stageId);
  try {
    return await new Recovery(fs, layout, recovered, options.replayable).run();
  } catch (error) {
    await recovered.manifest.close();
    throw error;
  }
}

class Recovery {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #manifest: ManifestWriter;
  readonly #state: WriterState;
  readonly #replayable: boolean;
  readonly #hasLostLines: boolean;
  readonly #alarms: string[] = [];

  constructor(fs: StageFs, layout: StageLayout, recovered: RecoveredManifest, replayable: boolean) {
    this.#fs = fs;
    this.#layout = layout;
    this.#manifest = recovered.manifest;
    this.#state = recovered.state;
    this.#replayable = replayable;
    this.#hasLostLines = recovered.damaged > 0;
    if (this.#hasLostLines) this.#alarms.push(`${recovered.damaged} lines of the manifest are damaged`);
  }

  async run(): Promise<Recovered> {
    const state = this.#state;
    const before = state.messages;
    const cursor = await this.#furthestCursor();
    await this.#syncMoves();
    await this.#recoverSegments(cursor);
    await this.#moveIndexes();
    await this.#removePrunedIndexes();
    this.#passCursor(cursor);
    await this.#removeTemporary();
    const at = instantText(nowUs());
    for (const what of this.#alarms) await this.#append({ fact: 'alarm', at, what });
    await this.#append({ fact: 'opened', epoch: state.epoch + 1, at, pid: process.pid });
    const recoveredMessages = state.messages - before;
    return { manifest: this.#manifest, state, recoveredMessages, alarms: this.#alarms };
  }

  /** What a killed writer had moved may not have been durable under its new name. */
  async #syncMoves(): Promise<void> {
    await this.#fs.syncFolder(this.#layout.dataFolder);
    await this.#fs.syncFolder(this.#layout.openFolder);
  }

  async #recoverSegments(cursor: Cursor | undefined): Promise<void> {
    const open = numbersIn(await this.#fs.list(this.#layout.openFolder));
    const whole = numbersIn(await this.#fs.list(this.#layout.dataFolder));
    const newest = Math.max(0, ...open, ...whole.slice(-1));
    const keepThrough = this.#replayable ? (cursor?.seq ?? 0) : Number.MAX_SAFE_INTEGER;
    const forgotten = await this.#findForgotten(whole);
    const highest = await this.#highestNumber([...forgotten, ...open]);
    for (const segment of forgotten) {
      this.#alarms.push(`segment ${segment} has batches that no line of the manifest names`);
      await this.#recoverSegment(segment, { where: 'data', keepThrough, isNewest: false });
    }
    for (const segment of open) {
      await this.#recoverSegment(segment, { where: 'open', keepThrough, isNewest: segment === newest });
      await finishSegment(this.#fs, this.#layout, segment);
    }
    this.#state.finishAll();
    // Invariant 3: a number whose line may have been lost, with its batch, is not given to another.
    const from = this.#state.nextSeq;
    if (this.#hasLostLines && highest >= from) await this.#append({ fact: 'void', from, to: highest });
    // A manifest that lost lines must not lead to a number that a whole segment has.
    this.#state.nextSegment = Math.max(this.#state.nextSegment, newest + 1);
  }

  async #recoverSegment(segment: number, how: Omit<SegmentRecovery, 'state'>): Promise<void> {
    const recovery = { ...how, state: this.#state };
    for (const fact of await recoverSegment(this.#fs, this.#layout, segment, recovery))
      await this.#append(fact);
  }

  async #highestNumber(segments: readonly number[]): Promise<number> {
    let highest = 0;
    for (const segment of segments) {
      const records = await readRecords(this.#fs, this.#layout, segment);
      for (const { record } of records) highest = Math.max(highest, record.seq);
    }
    return highest;
  }

  /** A whole segment has no open batch, so what the manifest does not know of it stood in lines that were lost. */
  async #findForgotten(whole: readonly number[]): Promise<readonly number[]> {
    const forgotten: number[] = [];
    for (const segment of whole.toReversed()) {
      const { last } = await readSpan(this.#fs, this.#layout, segment);
      if (last !== undefined && last < this.#state.nextSeq) break;
      if (last !== undefined) forgotten.unshift(segment);
    }
    return forgotten;
  }

  /** A loss of power may have taken one of the two renames that finish a segment, and left the other. */
  async #moveIndexes(): Promise<void> {
    const left = (await this.#fs.list(this.#layout.openFolder)).filter((name) => name.endsWith('.idx'));
    for (const name of left) {
      const target = join(this.#layout.dataFolder, name);
      const isWanted = await this.#fs.exists(target.replace(/idx$/, 'ndjson'));
      if (isWanted) await this.#fs.rename(join(this.#layout.openFolder, name), target);
      else await this.#fs.unlink(join(this.#layout.openFolder, name));
    }
    if (left.length === 0) return;
    await this.#fs.syncFolder(this.#layout.dataFolder);
    await this.#fs.syncFolder(this.#layout.openFolder);
  }

  /** Of a pruned segment a loss of power may have taken the messages and left the index. */
  async #removePrunedIndexes(): Promise<void> {
    const { dataFolder } = this.#layout;
    const names = await this.#fs.list(dataFolder);
    const alone = names.filter(
      (name) => name.endsWith('.idx') && !names.includes(name.replace(/idx$/, 'ndjson')),
    );
    for (const name of alone) {
      // One without a record, of a segment that got no batch, goes too.
      const last = await this.#highestNumber([Number.parseInt(name, 10)]);
      if (last <= this.#state.pruned.through) await this.#fs.unlink(join(dataFolder, name));
    }
  }

  async #furthestCursor(): Promise<Cursor | undefined> {
    const readers = await listReaders(this.#fs, this.#layout);
    const cursors = await Promise.all(readers.map((reader) => readCursor(this.#fs, this.#layout, reader)));
    return cursors.filter((cursor) => cursor !== undefined).sort((a, b) => b.seq - a.seq)[0];
  }

  /** What a reader has passed was sealed, whatever is left of the manifest; its number is never given again. */
  #passCursor(cursor: Cursor | undefined): void {
    const state = this.#state;
    if (cursor === undefined || cursor.seq < state.nextSeq - 1) return;
    if (cursor.seq >= state.nextSeq) {
      this.#alarms.push(`batches ${state.nextSeq} to ${cursor.seq}, which were loaded, are in no manifest`);
    }
    state.nextSeq = cursor.seq + 1;
    state.position = cursor.position ?? state.position;
  }

  /** Files whose making was cut short. */
  async #removeTemporary(): Promise<void> {
    const { folder, dataFolder, openFolder } = this.#layout;
    for (const place of [folder, dataFolder, openFolder]) {
      for (const name of await this.#fs.list(place))
        if (name.endsWith('.tmp')) await this.#fs.unlink(join(place, name));
    }
  }

  async #append(fact: Fact): Promise<void> {
    await this.#manifest.append([fact]);
    this.#state.apply(fact);
  }
}
