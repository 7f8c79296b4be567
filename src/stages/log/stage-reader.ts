import { SocketElError } from '../../utils/errors.js';
import type { Logger } from '../../utils/logger.js';
import { Wakeup } from '../../utils/wakeup.js';
import type { Batch, Follow, StageMark } from '../stage.js';
import type { StageFs } from '../stage-fs.js';
import { readCursor } from './cursor.js';
import type { Fact, SealedFact } from './fact.js';
import { readIdentity, type StageIdentity } from './identity.js';
import type { StageLayout } from './layout.js';
import { findManifestFile, ManifestTail } from './manifest-tail.js';
import { SealedBatch } from './sealed-batch.js';

const POLL_MS = 100;
const SAFEGUARD_MS = 1000;
/** A writer that starts at the same time gets so long to say that the stage goes on. */
const SETTLE_MS = 2000;

/** Follows a stage from one reader's cursor on. */
export class StageReader {
  readonly #fs: StageFs;
  readonly #layout: StageLayout;
  readonly #reader: string;
  readonly #logger: Logger;
  readonly #wakeup = new Wakeup();
  readonly #startedMs = performance.now();
  #noticed: StageMark | undefined;
  #waiting: SealedFact[] = [];
  #hasEnded = false;
  #cursor = 0;

  constructor(fs: StageFs, layout: StageLayout, owner: { reader: string; logger: Logger }) {
    this.#fs = fs;
    this.#layout = layout;
    this.#reader = owner.reader;
    this.#logger = owner.logger;
  }

  /** The writer's word that its facts up to `mark` are durable. */
  notice(mark: StageMark): void {
    this.#noticed = mark;
    this.#wakeup.ring();
  }

  /** The groups of batches behind the cursor; see `Stage.batches`. */
  async *batches(follow: Follow): AsyncGenerator<readonly Batch[]> {
    const ring = () => this.#wakeup.ring();
    for (const signal of [follow.signal, follow.drained]) signal.addEventListener('abort', ring);
    try {
      const identity = await this.#untilThere(follow);
      if (identity !== undefined) yield* this.#follow(identity, follow);
    } finally {
      for (const signal of [follow.signal, follow.drained]) signal.removeEventListener('abort', ring);
    }
  }

  async #untilThere(follow: Follow): Promise<StageIdentity | undefined> {
    for (;;) {
      const isLastLook = follow.drained.aborted || follow.signal.aborted;
      const identity = await readIdentity(this.#fs, this.#layout);
      const isReady =
        identity !== undefined && (await findManifestFile(this.#fs, this.#layout, 0)) !== undefined;
      if (isReady || isLastLook) return isReady ? identity : undefined;
      await this.#wakeup.wait(POLL_MS);
    }
  }

  async *#follow(identity: StageIdentity, follow: Follow): AsyncGenerator<readonly Batch[]> {
    await this.#fs.makeFolder(this.#layout.cursorFolder);
    const lock = await this.#fs.lock(this.#layout.cursorLock(this.#reader), `cursor of ${this.#reader}`);
    try {
      this.#cursor = await readCursor(this.#fs, this.#layout, this.#reader);
      const first = (await findManifestFile(this.#fs, this.#layout, this.#cursor)) ?? 1;
      yield* this.#groups(new ManifestTail(this.#fs, this.#layout, first), identity, follow);
    } finally {
      await lock.release();
    }
  }

  async *#groups(
    tail: ManifestTail,
    identity: StageIdentity,
    follow: Follow,
  ): AsyncGenerator<readonly Batch[]> {
    try {
      while (await this.#untilNews(tail, follow)) {
        while (this.#waiting.length > 0 && !follow.signal.aborted) yield this.#nextGroup(identity, follow);
      }
    } finally {
      await tail.close();
    }
  }

  /** @returns false when there is nothing left to wait for */
  async #untilNews(tail: ManifestTail, follow: Follow): Promise<boolean> {
    while (!follow.signal.aborted) {
      const isLastLook = follow.drained.aborted;
      if (await this.#look(tail)) return true;
      if (isLastLook || this.#hasSourceEnded(follow)) return false;
      // A writer in this process gives notice, so the look without one is only a safeguard.
      await this.#wakeup.wait(follow.endsWithSource ? POLL_MS : SAFEGUARD_MS);
    }
    return false;
  }

  async #look(tail: ManifestTail): Promise<boolean> {
    const { facts, damaged } = await tail.next(this.#noticed);
    for (const fact of facts) this.#take(fact);
    if (damaged > 0) {
      const message = `${this.#layout.manifestFolder}: ${damaged} lines are damaged and were passed over`;
      this.#logger.log({ level: 'error', message });
    }
    return facts.length + damaged > 0;
  }

  #hasSourceEnded(follow: Follow): boolean {
    return follow.endsWithSource && this.#hasEnded && performance.now() - this.#startedMs >= SETTLE_MS;
  }

  #take(fact: Fact): void {
    if (fact.fact === 'manifest') this.#hasEnded = fact.ended;
    if (fact.fact === 'opened') this.#hasEnded = false;
    if (fact.fact === 'ended') this.#hasEnded = true;
    if (fact.fact === 'sealed' && fact.seq > this.#cursor) this.#waiting.push(this.#inOrder(fact));
  }

  #inOrder(fact: SealedFact): SealedFact {
    if (fact.seq !== this.#cursor + 1) {
      const message = `${this.#layout.manifestFolder}: expected batch ${this.#cursor + 1}, got ${fact.seq}`;
      throw new SocketElError({
        code: 'stage.damaged',
        message,
        hint: 'a line of the manifest is damaged or missing; restore the manifest from a copy, the messages are in their segments',
      });
    }
    this.#cursor = fact.seq;
    return fact;
  }

  #nextGroup(identity: StageIdentity, follow: Follow): readonly Batch[] {
    let count = 0;
    for (let messages = 0, bytes = 0; count < this.#waiting.length; count++) {
      const { messages: more, from, to } = this.#waiting[count] as SealedFact;
      messages += more;
      bytes += to - from;
      if (count > 0 && (messages > follow.limits.messages || bytes > follow.limits.bytes)) break;
    }
    return this.#waiting
      .splice(0, count)
      .map((fact) => new SealedBatch(this.#fs, this.#layout, identity, fact));
  }
}
