import { setMaxListeners } from 'node:events';
import { type Batch, FAILED, type Stage } from '../stages/stage.js';
import type { Counters } from '../utils/counters.js';
import { BlockedError, SocketElError } from '../utils/errors.js';
import type { Examination } from '../utils/examination.js';
import type { LagHistogram } from '../utils/lag-histogram.js';
import type { Logger } from '../utils/logger.js';
import { RetryNotice } from '../utils/retry-notice.js';
import type { DecodeSettings } from '../utils/rows/decode-settings.js';
import type { TableRoute } from '../utils/rows/table-setting.js';
import { RUNNER_STATES, type RunnerState } from '../utils/runner-state.js';
import { sleep } from '../utils/sleep.js';
import { countReceipt } from './count-receipt.js';
import type { DeadLetters } from './dead-letters.js';
import { type Begun, beginToLook } from './look-ahead.js';
import { waitAfter } from './wait-after.js';

/** A stage that a producer loads, with how its consumer says its messages become rows. */
export interface Source {
  readonly consumer: string;
  readonly stage: Stage;
  readonly decode: DecodeSettings;
  /** The table that the rows go to, or how each row decides on it. */
  readonly table: string | TableRoute;
  /** Whether what the stage says of its end counts; so it is when a writer is in another process. */
  readonly endsWithSource: boolean;
  /** Counts what became of this source's messages alone, beside what is counted for the producer. */
  readonly counters?: Counters | undefined;
}

/** What the engine gives a producer beside its settings. */
export interface ProducerContext {
  readonly name: string;
  readonly pipeline: string;
  readonly sources: readonly Source[];
  readonly logger: Logger;
  readonly counters: Counters;
  /** Takes how long messages took from their reception until they were committed. */
  readonly lags?: LagHistogram | undefined;
  /** The folder that relative paths of the configuration are relative to. */
  readonly folder: string;
  /** Profile files in the order in which they merge. */
  readonly profileFiles: readonly string[];
  /** Tells the engine's redactor about a secret that was read. */
  readonly onSecret: (secret: string) => void;
}

/** What became of a group of batches. Rows of skipped batches are counted only in `skippedRows`. */
export interface Receipt {
  readonly messages: number;
  readonly decodedMessages: number;
  readonly ignoredMessages: number;
  readonly deadMessages: number;
  readonly skippedMessages: number;
  readonly rows: number;
  /** Of all rows, those that the fast lane read; 0 unless given. */
  readonly fastRows?: number;
  readonly loadedRows: number;
  readonly deadRows: number;
  /** Rows dropped because the configuration says so; 0 unless given. */
  readonly discardedRows?: number;
  /** Rows of a merge that another row of the same key took in; 0 unless given. */
  readonly mergedRows?: number;
  /** Rows that the sink held already. */
  readonly skippedRows: number;
}

/** The signals that end a producer: `drained` when no source writes any more, `signal` to stop at once. */
export interface Ending {
  readonly signal: AbortSignal;
  readonly drained: AbortSignal;
}

/** The groups of each source, in the sources' order, and what ends them. */
interface Reading {
  readonly stop: AbortController;
  readonly signal: AbortSignal;
  readonly groups: readonly Begun<readonly Batch[]>[];
}

const DEFAULT_LIMITS = { messages: 200_000, bytes: 64 * 1024 * 1024 };

/**
 * Loads stages into a sink. A subclass writes `write`; cursors, retries and shutdown are here. The engine constructs
 * it in the runner's own thread, calls `ensureOpen`, then `run`, and `close` on every path.
 */
export abstract class Producer<S = unknown> {
  protected readonly settings: S;
  protected readonly context: ProducerContext;
  #opening: Promise<void> | undefined;
  #reading: Reading | undefined;

  constructor(settings: S, context: ProducerContext) {
    this.settings = settings;
    this.context = context;
  }

  /** Opens the sink if it is not open. The engine calls it once before any source is connected. */
  async ensureOpen(): Promise<void> {
    this.#opening ??= this.open();
    await this.#opening.catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
  }

  /**
   * Connects and prepares the sink. Called before the first `write`, and again after it failed or `write` was blocked.
   *
   * @throws BlockedError when the sink refuses us; at start-up that ends the run
   * @throws TransientError when it cannot be reached now
   */
  async open(): Promise<void> {}

  /**
   * Looks whether rows of the sources can be loaded as the sink is. The engine calls it once at the start of a run, when
   * the sink is open; later a table that is wrong stops its own source and no other.
   *
   * @throws BlockedError when they cannot; TransientError when the sink cannot be asked now
   */
  async checkTargets(): Promise<void> {}

  /**
   * Loads all rows of each batch or none; the same batches a second time change nothing.
   *
   * @throws TransientError to be called again with the same batches, soon
   * @throws BlockedError to be called again after `open`, in half a minute
   */
  abstract write(batches: readonly Batch[], source: Source, signal: AbortSignal): Promise<Receipt>;

  /**
   * Told of a group that will be written next, before it is its turn: it may be read and encoded meanwhile. The sink may
   * not be open yet.
   */
  prepare(_batches: readonly Batch[], _source: Source): void {}

  /**
   * Makes the sink forget that it holds batches of a source's stage, `first` and later ones, so that they can be loaded
   * again. What another producer loaded of them is not touched.
   *
   * @returns how many it forgot
   */
  async forgetLoads(_source: Source, _stageId: string, _first: number): Promise<number> {
    throw this.#unsupported('has no ledger: setting its cursor back is all that is needed');
  }

  /**
   * The statements by which loading batches would change the sink's tables; nothing is changed.
   *
   * @param batches the next ones of the source; without any, what is known from the configuration
   */
  async statementsFor(_source: Source, _batches: readonly Batch[]): Promise<readonly string[]> {
    throw this.#unsupported('executes no statements');
  }

  /** Whether rows of a source that are loaded once more could take the place of newer ones. */
  overwrites(_source: Source): boolean {
    return false;
  }

  /** The dead letters in the sink. */
  deadLetters(): DeadLetters {
    throw this.#unsupported('has no dead letters that can be listed: its log says what becomes of them');
  }

  /**
   * Looks whether loading would succeed, for `socket-el doctor`, which does not call `open`. Changes nothing, and takes
   * no lock that a load would wait for.
   *
   * @param samples a batch for each source from which messages came just now
   * @throws SocketElError when the sink cannot be reached or refuses us
   */
  async examine(_samples: ReadonlyMap<Source, Batch>): Promise<Examination> {
    return { findings: [], facts: {} };
  }

  /** Gives back what `open` took. */
  async close(): Promise<void> {}

  /** How much of a source may be loaded at once. */
  protected limits(_source: Source): { readonly messages: number; readonly bytes: number } {
    return DEFAULT_LIMITS;
  }

  /**
   * Begins to read the sources, so that there is something to write as soon as the sink is open. Who calls it calls
   * `endReading`, on every path.
   */
  beginReading(ending: Ending): void {
    if (this.#reading !== undefined) return;
    const stop = new AbortController();
    const signal = AbortSignal.any([ending.signal, stop.signal]);
    // Every source listens to both; without this Node.js takes a dozen sources for a leak.
    setMaxListeners(0, signal, ending.drained);
    const groups = this.context.sources.map((source) => this.#groupsOf(source, { ...ending, signal }));
    this.#reading = { stop, signal, groups };
  }

  /** Ends what `beginReading` began. */
  async endReading(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    reading?.stop.abort();
    await Promise.allSettled(reading?.groups.map((groups) => groups.return()) ?? []);
  }

  /** Loads every source until it has ended and everything of it is loaded, or `ending.signal` is aborted. */
  async run(ending: Ending): Promise<void> {
    this.beginReading(ending);
    const { stop, signal, groups } = this.#reading as Reading;
    const loads = this.context.sources.map((source, i) =>
      this.#load(source, groups[i] as Begun<readonly Batch[]>, signal),
    );
    try {
      await Promise.all(loads);
    } finally {
      stop.abort();
      await Promise.allSettled(loads);
      await this.endReading();
    }
  }

  #unsupported(what: string): SocketElError {
    return new SocketElError({
      code: 'usage.argument',
      message: `${this.context.name}: this producer ${what}`,
    });
  }

  #groupsOf(source: Source, { signal, drained }: Ending): Begun<readonly Batch[]> {
    const { stage, endsWithSource } = source;
    const follow = { drained, endsWithSource, limits: this.limits(source) };
    const ahead = {
      open: (wanted: AbortSignal) => stage.batches(this.context.name, { ...follow, signal: wanted }),
      isAlone: (batches: readonly Batch[]) => batches.some(({ isSuspect }) => isSuspect === true),
      onAhead: (next: readonly Batch[]) => this.prepare(next, source),
      leaving: FAILED,
    };
    return beginToLook(ahead, signal);
  }

  async #load(source: Source, groups: Begun<readonly Batch[]>, signal: AbortSignal): Promise<void> {
    const { name } = this.context;
    let passing = Promise.resolve();
    try {
      for await (const batches of groups) {
        const receipt = await this.#untilWritten(batches, source, signal);
        if (receipt === undefined) return;
        countReceipt(this.context, source, batches, receipt);
        await passing;
        // The rows are committed; only now may the cursor pass them. The next group need not wait for that.
        passing = source.stage.commit(name, batches.at(-1) as Batch);
        passing.catch(() => {});
      }
    } finally {
      // Whatever ended this is said first.
      await Promise.allSettled([passing]);
    }
    await passing;
  }

  /** @returns undefined when the signal was aborted first */
  async #untilWritten(
    batches: readonly Batch[],
    source: Source,
    signal: AbortSignal,
  ): Promise<Receipt | undefined> {
    const retries = new RetryNotice();
    while (!signal.aborted) {
      try {
        await this.ensureOpen();
        const receipt = await this.write(batches, source, signal);
        this.#setState('working');
        return receipt;
      } catch (error) {
        if (signal.aborted) return undefined;
        this.#noteFailure(error);
        await sleep(waitAfter(error, retries, this.context.logger), signal);
      }
    }
    return undefined;
  }

  /** What blocks the sink is mended from outside, so it is looked at anew. */
  #noteFailure(error: unknown): void {
    const isBlocked = error instanceof BlockedError;
    if (isBlocked) this.#opening = undefined;
    this.#setState(isBlocked ? 'blocked' : 'waiting');
  }

  #setState(state: RunnerState): void {
    this.context.counters.set('state', RUNNER_STATES.indexOf(state));
  }
}
