import { Worker } from 'node:worker_threads';
import type { StageMark } from '../stages/stage.js';
import { Counters } from '../utils/counters.js';
import { type ErrorFields, toErrorFields } from '../utils/errors.js';
import { LagHistogram } from '../utils/lag-histogram.js';
import type { Logger } from '../utils/logger.js';
import { RUNNER_STATES } from '../utils/runner-state.js';
import type { Runner } from './pipeline.js';
import { RestartPolicy } from './restart-policy.js';
import type { FromThread, Outcome, ThreadTask, ToThread } from './thread-protocol.js';

/** More than any runner needs; one that wants more fails before it takes the process with it. */
const MAX_HEAP_MIB = 1024;

/** How a runner ended: by itself, by failing, or because the run ended around it. */
export type Ending = { readonly outcome: Outcome | 'terminated' } | { readonly error: ErrorFields };

/** What the supervisor wants to hear. */
export interface HandleEvents {
  readonly logger: Logger;
  sealed(consumer: string, mark: StageMark): void;
}

/** A runner as the main thread sees it: its thread, and the threads that take its place when one fails. */
export class RunnerHandle {
  readonly runner: Runner;
  readonly counters = new Counters();
  readonly lags = new LagHistogram();
  /** Of a producer, what is counted of each source alone. */
  readonly sourceCounters: ReadonlyMap<string, Counters>;
  /** Resolves when the first thread is ready; rejects never: an early failure settles `ended`. */
  readonly ready: Promise<void>;
  /** Resolves when the runner has ended for good. */
  readonly ended: Promise<Ending>;
  restarts = 0;
  ending: Ending | undefined;
  readonly #task: ThreadTask;
  readonly #events: HandleEvents;
  readonly #policy = new RestartPolicy();
  #worker: Worker | undefined;
  #threadError: ErrorFields | undefined;
  #isStarted = false;
  #isDraining = false;
  #mayRestart = true;
  #signalReady: () => void = () => {};
  #settle: (ending: Ending) => void = () => {};

  constructor(
    runner: Runner,
    task: Omit<ThreadTask, 'counters' | 'lags' | 'sourceCounters' | 'runner'>,
    events: HandleEvents,
  ) {
    this.runner = runner;
    this.sourceCounters = new Map(runner.dependsOn.map((name) => [name, new Counters()]));
    const shared = [...this.sourceCounters].map(([name, counters]) => [name, counters.shared] as const);
    const { counters, lags } = this;
    const memory = {
      counters: counters.shared,
      lags: lags.shared,
      sourceCounters: Object.fromEntries(shared),
    };
    this.#task = { ...task, runner: runner.name, ...memory };
    this.#events = events;
    this.ready = new Promise((resolve) => {
      this.#signalReady = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Starts a thread, which opens its stage or sink and then waits for `start`. */
  boot(): void {
    this.#threadError = undefined;
    this.counters.set('state', RUNNER_STATES.indexOf('starting'));
    const worker = new Worker(new URL('./runner-thread.js', import.meta.url), {
      workerData: this.#task,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
    this.#worker = worker;
    worker.on('message', (message: FromThread) => this.#onMessage(message));
    worker.on('error', (error) => {
      this.#threadError ??= toErrorFields(error);
    });
    worker.on('exit', (code) => this.#onExit(code));
  }

  /** Lets the runner work; also the threads that take its place later. */
  start(): void {
    this.#isStarted = true;
    this.post({ type: 'start' });
  }

  /** Tells a producer that no stage is written any more; also the threads that take its place later. */
  drain(): void {
    this.#isDraining = true;
    this.post({ type: 'drain' });
  }

  post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  /** From now on a failure is final: the run is ending. */
  forbidRestart(): void {
    this.#mayRestart = false;
  }

  /** Ends the thread wherever it is, which is as safe as SIGKILL; an `error` says that this is a failure. */
  async terminate(error?: ErrorFields): Promise<void> {
    this.forbidRestart();
    if (this.ending === undefined) this.#end(error === undefined ? { outcome: 'terminated' } : { error });
    await this.#worker?.terminate();
  }

  #onMessage(message: FromThread): void {
    switch (message.type) {
      case 'ready':
        this.#signalReady();
        if (this.#isStarted) this.post({ type: 'start' });
        if (this.#isDraining) this.post({ type: 'drain' });
        break;
      case 'log':
        this.#events.logger.log(message.record);
        break;
      case 'sealed':
        this.#events.sealed(this.runner.name, message.mark);
        break;
      case 'done':
        this.#end({ outcome: message.outcome });
        break;
      case 'failed':
        this.#threadError = message.error;
        // Something may still be open in the thread that would keep it from ending.
        void this.#worker?.terminate();
        break;
    }
  }

  /** Only `done` is an end; whatever else ends a thread is a failure, whatever its code. */
  #onExit(code: number): void {
    if (this.ending !== undefined) return;
    const silent: ErrorFields = {
      code: 'runner.failed',
      message: `the thread ended with code ${code} before its work was done`,
    };
    this.#onFailure(this.#threadError ?? silent);
  }

  #onFailure(error: ErrorFields): void {
    const verdict = this.#policy.judge(error, performance.now());
    if ('giveUp' in verdict || !this.#mayRestart || !this.#isStarted) {
      this.#end({ error: 'giveUp' in verdict ? verdict.giveUp : error });
      return;
    }
    const { restartInMs } = verdict;
    const message = `${error.message}; starting again in ${restartInMs} ms`;
    const { code, hint } = error;
    this.#events.logger.log({ level: 'error', runner: this.runner.name, message, code, hint });
    setTimeout(() => this.#restart(), restartInMs);
  }

  /** The run may have ended around a runner that waited for its restart. */
  #restart(): void {
    if (!this.#mayRestart) {
      this.#end({ outcome: 'terminated' });
      return;
    }
    this.restarts++;
    this.boot();
  }

  #end(ending: Ending): void {
    this.ending = ending;
    this.#signalReady();
    this.#settle(ending);
  }
}
