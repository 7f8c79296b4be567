import { messageOf } from '../../utils/errors.js';
import type { Logger } from '../../utils/logger.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { BatchQueue, type QueuedBatch } from '../log/batch-queue.js';
import type { Fact } from '../log/fact.js';
import type { StageIdentity } from '../log/identity.js';
import type { StageLayout } from '../log/layout.js';
import { findManifestFile } from '../log/manifest-header.js';
import { ManifestTail } from '../log/manifest-tail.js';
import type { WriterState } from '../log/writer-state.js';
import type { StageFs } from '../stage-fs.js';
import type { ConvertSegment } from './conversion-task.js';

const LOOK_MS = 500;
/** After a failure it looks so much more seldom. */
const FAILED_LOOKS = 20;

/** What a converter works with. */
export interface ConverterParts {
  readonly fs: StageFs;
  readonly layout: StageLayout;
  readonly identity: StageIdentity;
  readonly decode: DecodeSettings;
  readonly logger: Logger;
  readonly convert: ConvertSegment;
  readonly state: WriterState;
  /** Makes a fact durable in the manifest. */
  readonly record: (fact: Fact) => Promise<void>;
}

/** Converts segments to Parquet, one at a time, when they are whole. It follows the manifest as a reader does. */
export class Converter {
  readonly #parts: ConverterParts;
  readonly #timer: NodeJS.Timeout;
  readonly #queue: BatchQueue;
  #tail: ManifestTail | undefined;
  #work: Promise<void> | undefined;
  #skipLooks = 0;

  constructor(parts: ConverterParts) {
    this.#parts = parts;
    const last = Math.max(parts.state.converted.through, parts.state.pruned.through);
    const alarm = (message: string) => parts.logger.log({ level: 'error', message });
    this.#queue = new BatchQueue(parts.fs, parts.layout, { last, bytes: 0, previous: last }, alarm);
    this.#timer = setInterval(() => this.#onTimer(last), LOOK_MS);
  }

  /** Converts all that is whole by now, and ends. What fails is converted at the next start. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
    const { state } = this.#parts;
    await this.#look(Math.max(state.converted.through, state.pruned.through));
    await this.#tail?.close();
  }

  #onTimer(last: number): void {
    if (this.#skipLooks-- > 0 || this.#work !== undefined) return;
    this.#skipLooks = 0;
    this.#work = this.#look(last).finally(() => {
      this.#work = undefined;
    });
  }

  async #look(last: number): Promise<void> {
    try {
      await this.#readOn(last);
      for (let group = await this.#nextGroup(); group.length > 0; group = await this.#nextGroup()) {
        await this.#convert(group);
      }
    } catch (error) {
      this.#skipLooks = FAILED_LOOKS;
      const message = `expected to convert messages to Parquet: ${messageOf(error)}`;
      const hint = 'the messages are kept; it is tried again';
      this.#parts.logger.log({ level: 'error', message, hint });
    }
  }

  async #readOn(last: number): Promise<void> {
    const { fs, layout } = this.#parts;
    this.#tail ??= new ManifestTail(fs, layout, (await findManifestFile(fs, layout, last)) ?? 1);
    for (;;) {
      const { facts, damaged } = await this.#tail.next();
      for (const fact of facts) await this.#queue.take(fact);
      if (facts.length + damaged === 0) return;
    }
  }

  /** The first batches that wait, as far as they lie in one segment, once that is whole. */
  async #nextGroup(): Promise<readonly QueuedBatch[]> {
    const { waiting } = this.#queue;
    const first = waiting[0]?.fact;
    if (first === undefined) return [];
    const { segment } = first;
    const { fs, layout } = this.#parts;
    // The segment of an empty set has no file.
    if (first.to > first.from && !(await fs.exists(layout.segment('data', segment)))) return [];
    const end = waiting.findIndex(({ fact }) => fact.segment !== segment);
    return end < 0 ? waiting : waiting.slice(0, end);
  }

  async #convert(group: readonly QueuedBatch[]): Promise<void> {
    const { convert, decode, identity, layout, logger, record, state } = this.#parts;
    const facts = group.map(({ fact }) => fact);
    const [from, to] = [facts[0]?.seq ?? 0, facts.at(-1)?.seq ?? 0];
    const task = { folder: layout.folder, identity, facts, decode, types: state.converted.types };
    const { alarms, ...converted } = await convert(task);
    for (const message of alarms) logger.log({ level: 'error', message });
    await record({ fact: 'converted', from, to, ...converted });
    this.#queue.shift(facts.length);
  }
}
