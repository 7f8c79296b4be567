import type { MessageChunk, Stage } from '../stages/stage.js';
import { type BackoffSettings, backoffMs } from '../utils/backoff.js';
import { nowUs } from '../utils/clock.js';
import { messageOf, SocketElError, TransientError } from '../utils/errors.js';
import type { Examination, Fix } from '../utils/examination.js';
import type { Logger } from '../utils/logger.js';
import { MessageBuffer, type MessageForm } from '../utils/message-buffer.js';
import type { Position } from '../utils/position.js';
import { RetryNotice, retryText } from '../utils/retry-notice.js';
import type { RunnerState } from '../utils/runner-state.js';
import { sleep } from '../utils/sleep.js';
import { GapTracker } from './gap-tracker.js';

/** What the engine gives a consumer beside its settings. */
export interface ConsumerContext {
  readonly name: string;
  /** The stage it writes to, open. */
  readonly stage: Stage;
  /** Whether its source can be read again from a position; of one that cannot, gaps are recorded. */
  readonly replayable: boolean;
  /** Whether what is read is a whole set: then it is read from its beginning each time. */
  readonly isOfSets?: boolean | undefined;
  readonly logger: Logger;
  /** The folder that relative paths of the configuration are relative to. */
  readonly folder: string;
  /** Called once for each interval without reception. */
  readonly onGap: () => void;
  /** Called when the source is being read, and when it is lost and waited for. */
  readonly onState?: ((state: RunnerState) => void) | undefined;
  /** Called with how much of a finite source was read, and how much there is, in any one unit. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Where a key of the runner's settings, or the runner itself, stands in the configuration, as `file:line`. */
  readonly placeOf?: ((key?: string) => string) | undefined;
}

/** What a consumer knows of its source. */
export interface SourceExamination extends Examination {
  /** Whether the source was reached; undefined where that means nothing. */
  readonly isConnected?: boolean;
  /** Where the source is, without user, password and query. */
  readonly address?: string;
  /** The key of its settings that says where the source is. */
  readonly addressKey?: string;
  /** What may make a source speak that was reached and says nothing. */
  readonly whenSilent?: readonly Fix[];
}

const DEFAULT_BACKOFF: BackoffSettings = { initialMs: 500, maxMs: 30_000 };

/**
 * Brings a source's messages into a stage. A subclass writes `read`, which knows one connection and nothing of
 * retries, or, for sources that fit no iteration, `run` and `flush`. The engine constructs it in the runner's own
 * thread, calls `run` once, and closes the stage afterwards on every path.
 */
export abstract class Consumer<S = unknown> {
  protected readonly settings: S;
  protected readonly context: ConsumerContext;
  #gaps: GapTracker | undefined;
  /** Behind the last chunk that was put. */
  #position: Position | undefined;
  #hasPut = false;
  readonly #retries = new RetryNotice();

  constructor(settings: S, context: ConsumerContext) {
    this.settings = settings;
    this.context = context;
  }

  /**
   * Reads the source once: opens in the body, closes in `finally`, returns when the source has ended or `signal` was
   * aborted. A thrown TransientError means "read me again", from the position of the last chunk that was taken; any
   * other error fails the runner. A consumer whose source cannot be read again calls `receiving` when it is connected.
   */
  read?(signal: AbortSignal, from?: Position): AsyncIterable<MessageChunk>;

  /** Reads until the source has ended or `signal` is aborted, with backoff between attempts. */
  async run(signal: AbortSignal): Promise<void> {
    const { stage, replayable, isOfSets, onGap } = this.context;
    if (!replayable) this.#gaps = new GapTracker(stage, onGap);
    this.#position = isOfSets === true ? undefined : stage.position();
    try {
      for (let hasEnded = false; !hasEnded && !signal.aborted; ) hasEnded = await this.#readOnce(signal);
    } finally {
      this.#gaps?.finish();
    }
  }

  /** Seals the open batch. */
  flush(): Promise<void> {
    return this.context.stage.seal();
  }

  /** Says what is known of the source, for `socket-el doctor`, which calls it when `read` has begun or ended. */
  async examine(): Promise<SourceExamination> {
    return { findings: [], facts: {} };
  }

  /** Bounds of the waits between attempts. */
  protected backoff(): BackoffSettings {
    return DEFAULT_BACKOFF;
  }

  /**
   * What was received just now as a chunk, for `read` to yield: each text or piece of bytes is one message, or as many as
   * it has lines with `framing: lines`. Nothing of it is dropped; what is no JSON becomes a dead letter.
   *
   * @param position where the source is to be read again from behind it, of a source that can
   */
  protected chunk(
    received: string | Uint8Array | readonly (string | Uint8Array)[],
    { position, connection = 0 }: { readonly position?: Position; readonly connection?: number } = {},
  ): MessageChunk {
    const { framing, decode } = this.settings as MessageForm;
    const buffer = new MessageBuffer({ framing, decode });
    for (const each of typeof received === 'string' || received instanceof Uint8Array ? [received] : received)
      buffer.add(typeof each === 'string' ? Buffer.from(each) : each);
    return { ...buffer.take(), receivedAtUs: nowUs(), connection, position };
  }

  /** For sources that cannot be read again: says that from now on their messages arrive. Ends a gap. */
  protected receiving(): void {
    this.#gaps?.resumed();
    this.context.onState?.('working');
  }

  /** For sources that cannot be read again: says that the connection was alive just now, without a message. */
  protected heard(): void {
    this.#gaps?.alive();
  }

  /** @returns whether the source has ended */
  async #readOnce(signal: AbortSignal): Promise<boolean> {
    try {
      for await (const chunk of this.#source(signal, this.#position)) {
        this.#position = chunk.position ?? this.#position;
        this.#hasPut = true;
        await this.#take(chunk);
      }
      return true;
    } catch (error) {
      // Read again from its beginning, a set would be in the batch twice; a new start forgets what was put of it.
      const isTorn = this.context.isOfSets === true && this.#hasPut && this.#position === undefined;
      if (isTorn && !signal.aborted) throw failedSet(error);
      await this.#onFailure(error, signal);
      return false;
    }
  }

  async #take(chunk: MessageChunk): Promise<void> {
    this.#retries.succeed();
    this.#gaps?.heard(chunk.receivedAtUs);
    await this.context.stage.put(chunk);
  }

  #source(signal: AbortSignal, from: Position | undefined): AsyncIterable<MessageChunk> {
    if (this.read === undefined)
      throw new TypeError(`${this.constructor.name}: expected a method read, or an own method run`);
    return this.read(signal, from);
  }

  async #onFailure(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#gaps?.lost(messageOf(error));
    if (!(error instanceof TransientError)) throw error;
    this.context.onState?.('waiting');
    const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs(this.backoff(), this.#retries.attempts));
    if (this.#retries.fail()) {
      const message = retryText(messageOf(error), this.#retries.attempts, waitMs);
      this.context.logger.log({ level: 'warn', message, code: error.code, hint: error.hint });
    }
    await sleep(waitMs, signal);
  }
}

function failedSet(cause: unknown): SocketElError {
  const message = `expected to read a whole set, and this source cannot go on in the middle of one: ${messageOf(cause)}`;
  return new SocketElError({ code: 'source.closed', message }, { cause });
}
