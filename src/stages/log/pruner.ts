import { nowUs } from '../../utils/clock.js';
import { instantText } from '../../utils/instant-text.js';
import type { StageFs } from '../stage-fs.js';
import { type Cursor, listReaders, readCursor } from './cursor.js';
import type { Fact } from './fact.js';
import { numbersIn, parquetRange, type StageLayout } from './layout.js';
import { readManifestStart } from './manifest-header.js';
import { type Prunable, type Retention, selectPrunable } from './prunable.js';
import { readSpan } from './segment-span.js';
import type { WriterState } from './writer-state.js';

/** Newest manifest files that stay: the one before the last mends a first line that is damaged. */
const KEPT_MANIFESTS = 2;
const NO_RETENTION: Retention = { for: 0, bytes: 0 };

/** What decides about pruning, beside the cursors. */
export interface PrunerSettings {
  readonly retain: Retention;
  /** Producers of the configuration, whether they run here or not. */
  readonly dependents: readonly string[];
  /** Whether segments are converted to Parquet; then those files are what is retained. */
  readonly isConverted: boolean;
}

interface SegmentFile extends Prunable {
  readonly segment: number;
}

interface ParquetFile extends Prunable {
  readonly path: string;
}

/** Removes what every reader has passed. Without readers nothing is ever removed. Only the writer calls it. */
export class Pruner {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #settings: PrunerSettings;
  /** What is known of whole segments, which never change. */
  readonly #segments = new Map<number, SegmentFile>();
  readonly #parquet = new Map<string, ParquetFile>();
  #passed: Pick<Cursor, 'seq' | 'bytes'> | undefined;

  constructor(fs: StageFs, layout: StageLayout, settings: PrunerSettings) {
    this.#fs = fs;
    this.#layout = layout;
    this.#settings = settings;
  }

  /** Bytes that not every reader has passed, as of the last look; 0 without readers. */
  backlog(state: WriterState): number {
    return this.#passed === undefined ? 0 : Math.max(0, state.bytes - this.#passed.bytes);
  }

  /** Looks at the cursors and removes what can go. @param record makes a fact durable */
  async prune(state: WriterState, record: (fact: Fact) => Promise<void>): Promise<void> {
    this.#passed = await this.#readPassed(state);
    if (this.#passed === undefined) return;
    await this.#finishRemoving(state.pruned.through);
    await this.#pruneSegments(this.#passed.seq, state, record);
    // One that was just written, and stands in no fact yet, is not to go before its segment.
    await this.#pruneParquet(state.pruned.through);
    await this.#pruneManifests(state.pruned.through);
  }

  async #readPassed(state: WriterState): Promise<Pick<Cursor, 'seq' | 'bytes'> | undefined> {
    const readers = new Set([...this.#settings.dependents, ...(await listReaders(this.#fs, this.#layout))]);
    const start = { seq: state.pruned.through, bytes: state.pruned.bytes };
    const cursors = await Promise.all(
      [...readers].map((reader) => readCursor(this.#fs, this.#layout, reader)),
    );
    const places = cursors.map((cursor) => cursor ?? start);
    return places.sort((a, b) => a.seq - b.seq)[0];
  }

  async #pruneSegments(
    passed: number,
    state: WriterState,
    record: (fact: Fact) => Promise<void>,
  ): Promise<void> {
    const { retain, isConverted } = this.#settings;
    const through = isConverted ? Math.min(passed, state.converted.through) : passed;
    const files = await this.#listSegments();
    const doomed = selectPrunable(files, through, isConverted ? NO_RETENTION : retain, Date.now());
    const last = doomed.at(-1);
    if (last === undefined) return;
    const bytes = doomed.reduce((sum, file) => sum + file.bytes, state.pruned.bytes);
    // The fact comes first, so that nobody takes a file that is just being removed for one that was lost.
    await record({ fact: 'pruned', through: last.through, bytes, at: instantText(nowUs()) });
    await this.#removeSegments(doomed);
  }

  /** A crash may have come between the fact and the removal. */
  async #finishRemoving(pruned: number): Promise<void> {
    await this.#removeSegments((await this.#listSegments()).filter(({ through }) => through <= pruned));
  }

  async #listSegments(): Promise<readonly SegmentFile[]> {
    const numbers = numbersIn(await this.#fs.list(this.#layout.dataFolder));
    const files: SegmentFile[] = [];
    for (const [i, number] of numbers.entries()) {
      const file = this.#segments.get(number) ?? (await this.#readSegment(number, numbers[i + 1]));
      // Without its last number it cannot go, and nothing behind it.
      if (file === undefined) break;
      this.#segments.set(number, file);
      files.push(file);
    }
    return files;
  }

  /** Where an index is damaged, that of the next segment says how far this one goes. */
  async #readSegment(segment: number, next: number | undefined): Promise<SegmentFile | undefined> {
    const { last } = await readSpan(this.#fs, this.#layout, segment);
    const behind = next === undefined ? undefined : (await readSpan(this.#fs, this.#layout, next)).first;
    const through = last ?? (behind === undefined ? undefined : behind - 1);
    const path = this.#layout.segment('data', segment);
    return through === undefined ? undefined : { segment, through, ...(await this.#look(path)) };
  }

  async #look(path: string): Promise<Pick<Prunable, 'bytes' | 'modifiedMs'>> {
    const file = await this.#fs.open(path, 'read');
    const bytes = await file.size().finally(() => file.close());
    return { bytes, modifiedMs: await this.#fs.modifiedMs(path) };
  }

  /** The indexes go when the messages are gone for good, because only they say which batches those were. */
  async #removeSegments(doomed: readonly SegmentFile[]): Promise<void> {
    if (doomed.length === 0) return;
    for (const { segment } of doomed) await this.#fs.unlink(this.#layout.segment('data', segment));
    await this.#fs.syncFolder(this.#layout.dataFolder);
    for (const { segment } of doomed) {
      const receipts = this.#layout.receipts('data', segment);
      if (await this.#fs.exists(receipts)) await this.#fs.unlink(receipts);
      this.#segments.delete(segment);
    }
  }

  async #pruneParquet(pruned: number): Promise<void> {
    if (!this.#settings.isConverted) return;
    const files = await this.#listParquet();
    for (const { path } of selectPrunable(files, pruned, this.#settings.retain, Date.now())) {
      await this.#fs.unlink(path);
      this.#parquet.delete(path);
    }
  }

  async #listParquet(): Promise<readonly ParquetFile[]> {
    const files: ParquetFile[] = [];
    for (const name of await this.#fs.list(this.#layout.dataFolder)) {
      const range = parquetRange(name);
      if (range === undefined) continue;
      const path = this.#layout.parquet(range.from, range.to);
      const file = this.#parquet.get(path) ?? (await this.#readParquet(path, range.to));
      this.#parquet.set(path, file);
      files.push(file);
    }
    return files;
  }

  async #readParquet(path: string, through: number): Promise<ParquetFile> {
    return { path, through, ...(await this.#look(path)) };
  }

  async #pruneManifests(pruned: number): Promise<void> {
    const numbers = numbersIn(await this.#fs.list(this.#layout.manifestFolder));
    for (const [i, number] of numbers.slice(0, -KEPT_MANIFESTS).entries()) {
      const next = await readManifestStart(this.#fs, this.#layout, numbers[i + 1] as number);
      // A gap behind the last batch of a file belongs to the next batch, so that must be gone too.
      if (next.header === undefined || next.header.next_seq > pruned) break;
      await this.#fs.unlink(this.#layout.manifest(number));
    }
  }
}
