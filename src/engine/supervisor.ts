import { randomUUID } from 'node:crypto';
import type { ErrorFields } from '../utils/errors.js';
import type { Logger } from '../utils/logger.js';
import type { Pipeline, Runner } from './pipeline.js';
import type { StageWatches } from './progress/stage-watches.js';
import { type Ending, RunnerHandle } from './runner-handle.js';
import { type RunSummary, summarize } from './summary.js';
import type { StopReason } from './thread-protocol.js';

const CONSUMER_STOP_MS = 10_000;
const STOP_MESSAGE = `expected to end within ${CONSUMER_STOP_MS} ms after the stop, did not`;
/** A load under way may take so long to notice that it is abandoned; then its thread is ended, which loses nothing. */
const ABANDON_MS = 2000;

/** How a pipeline is to be run. */
export interface RunOptions {
  readonly logger: Logger;
  /** Names of the runners to run; all when empty. */
  readonly only: readonly string[];
  readonly profileFiles: readonly string[];
  readonly maxMessages?: number | undefined;
  readonly durationMs?: number | undefined;
  /** After a stop, so long may the producers load what is staged. */
  readonly graceMs: number;
  /** Looks at the stages when all is over, so that the summary says what is left in them. */
  readonly watches?: StageWatches | undefined;
}

/** Runs a pipeline: a thread a runner, started together, stopped in order, each restarted when it fails. */
export class Supervisor {
  readonly #options: RunOptions;
  readonly #handles: readonly RunnerHandle[];
  #stopReason: StopReason | undefined;
  #requestStop: () => void = () => {};
  readonly #stopRequested: Promise<void>;

  constructor(pipeline: Pipeline, options: RunOptions) {
    this.#options = options;
    this.#stopRequested = new Promise((resolve) => {
      this.#requestStop = resolve;
    });
    const isSelected = ({ name }: Runner) => options.only.length === 0 || options.only.includes(name);
    const selected = pipeline.runners.filter(isSelected);
    const localConsumers = selected.filter(({ type }) => type === 'consumer').map(({ name }) => name);
    const { profileFiles, maxMessages, logger } = options;
    const task = { pipeline, localConsumers, profileFiles, maxMessages };
    this.#handles = selected.map(
      (runner) =>
        new RunnerHandle(runner, task, {
          logger,
          sealed: (consumer, mark) => {
            for (const producer of this.#loadersOf(consumer))
              producer.post({ type: 'sealed', consumer, mark });
          },
        }),
    );
  }

  /** The runners, for those who show their progress. */
  get handles(): readonly RunnerHandle[] {
    return this.#handles;
  }

  /** Stops the sources, lets the producers load what is staged, and ends the run. Later calls change nothing. */
  stop(reason: StopReason): void {
    this.#stopReason ??= reason;
    this.#requestStop();
  }

  /** Runs until the sources have ended, or `stop`, and everything staged is loaded. */
  async run(): Promise<RunSummary> {
    const runId = randomUUID();
    const startedAt = new Date();
    const timer =
      this.#options.durationMs && setTimeout(() => this.stop('duration'), this.#options.durationMs);
    try {
      if (await this.#boot()) await this.#work();
    } finally {
      clearTimeout(timer);
      await Promise.all(this.#handles.map((handle) => handle.terminate()));
    }
    const waiting = (await this.#options.watches?.look()) ?? new Map();
    const end = { runId, startedAt, endedAt: new Date(), stop: this.#stopReason, waiting };
    return summarize(this.#handles, end);
  }

  /** Every stage and sink is open before any source is; one that refuses us ends the run. */
  async #boot(): Promise<boolean> {
    for (const handle of this.#handles) {
      void handle.ended.then((ending) => this.#report(handle, ending));
      handle.boot();
    }
    const ready = Promise.all(this.#handles.map((handle) => handle.ready));
    await Promise.race([ready, this.#firstFailure(), this.#stopRequested]);
    if (this.#stopReason !== undefined) return false;
    const isRefused = this.#handles.some(({ ending }) => ending !== undefined && 'error' in ending);
    if (isRefused) return false;
    for (const handle of this.#handles) handle.start();
    return true;
  }

  #firstFailure(): Promise<Ending> {
    return new Promise((resolve) => {
      for (const { ended } of this.#handles)
        void ended.then((ending) => 'error' in ending && resolve(ending));
    });
  }

  async #work(): Promise<void> {
    const [consumers, producers] = [this.#ofType('consumer'), this.#ofType('producer')];
    const everything = Promise.all(this.#handles.map(({ ended }) => ended));
    const sources = Promise.all(consumers.map(({ ended }) => ended));
    await Promise.race([consumers.length === 0 ? everything : sources, this.#stopRequested]);
    await this.#stopConsumers(consumers);
    if (this.#stopReason !== undefined || !this.#hasRemoteSources(producers)) {
      for (const producer of producers) producer.drain();
    }
    await Promise.race([everything, this.#stopRequested]);
    await this.#drain(producers, everything);
  }

  async #stopConsumers(consumers: readonly RunnerHandle[]): Promise<void> {
    const reason = this.#stopReason;
    if (reason === undefined) return;
    for (const consumer of consumers) {
      consumer.forbidRestart();
      consumer.post({ type: 'stop', reason });
    }
    await endWithin(consumers, CONSUMER_STOP_MS, { code: 'runner.aborted', message: STOP_MESSAGE });
  }

  /** After a stop the producers have so long; what they have not loaded by then waits in the stage. */
  async #drain(producers: readonly RunnerHandle[], everything: Promise<unknown>): Promise<void> {
    if (this.#stopReason === undefined) return;
    for (const producer of producers) producer.drain();
    const late = setTimeout(() => this.#abandon(producers), this.#options.graceMs);
    await everything;
    clearTimeout(late);
  }

  #abandon(producers: readonly RunnerHandle[]): void {
    const message = 'the time to load what is staged is over; the next run goes on with it';
    this.#options.logger.log({ level: 'warn', message, hint: '--grace gives more time' });
    for (const producer of producers) {
      producer.forbidRestart();
      producer.post({ type: 'abandon' });
    }
    void endWithin(producers, ABANDON_MS);
  }

  #report(handle: RunnerHandle, ending: Ending): void {
    if (!('error' in ending)) return;
    const { code, message, hint } = ending.error;
    this.#options.logger.log({
      level: 'error',
      runner: handle.runner.name,
      message: `failed: ${message}`,
      code,
      hint,
    });
  }

  #hasRemoteSources(producers: readonly RunnerHandle[]): boolean {
    const local = new Set(this.#ofType('consumer').map(({ runner }) => runner.name));
    return producers.some(({ runner }) => runner.dependsOn.some((name) => !local.has(name)));
  }

  #loadersOf(consumer: string): readonly RunnerHandle[] {
    return this.#ofType('producer').filter(({ runner }) => runner.dependsOn.includes(consumer));
  }

  #ofType(type: Runner['type']): readonly RunnerHandle[] {
    return this.#handles.filter(({ runner }) => runner.type === type);
  }
}

/** Waits for the runners to end, and ends those by force that take longer; `error` says that this is a failure. */
async function endWithin(handles: readonly RunnerHandle[], ms: number, error?: ErrorFields): Promise<void> {
  const late = setTimeout(() => {
    for (const handle of handles) if (handle.ending === undefined) void handle.terminate(error);
  }, ms);
  await Promise.all(handles.map(({ ended }) => ended));
  clearTimeout(late);
}
