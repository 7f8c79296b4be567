import type { EndReason, StageMark } from '../stages/stage.js';
import type { ErrorFields } from '../utils/errors.js';
import type { LogRecord } from '../utils/logger.js';
import type { Pipeline } from './pipeline.js';

/** What a runner thread is born with. Plain data, without secrets. */
export interface ThreadTask {
  readonly pipeline: Pipeline;
  readonly runner: string;
  /** Consumers whose stages are written in this process. */
  readonly localConsumers: readonly string[];
  readonly profileFiles: readonly string[];
  readonly counters: SharedArrayBuffer;
  /** Of a producer: how long its messages took. */
  readonly lags: SharedArrayBuffer;
  /** Of a producer: what is counted of each of its sources, by the consumer's name. */
  readonly sourceCounters: Readonly<Record<string, SharedArrayBuffer>>;
  /** A consumer ends after so many messages. */
  readonly maxMessages: number | undefined;
}

/** Why a source is to be stopped. */
export type StopReason = 'duration' | 'signal';

export type ToThread =
  | { readonly type: 'start' }
  /** To a consumer: stop receiving, seal, end. */
  | { readonly type: 'stop'; readonly reason: StopReason }
  /** To a producer: no stage is written any more; load what is there, then end. */
  | { readonly type: 'drain' }
  /** To a producer: end now; what is staged stays staged. */
  | { readonly type: 'abandon' }
  | { readonly type: 'sealed'; readonly consumer: string; readonly mark: StageMark };

/** How a runner ended that did not fail; a producer that was `abandoned` has left batches in the stage. */
export type Outcome = EndReason | 'signal' | 'abandoned';

export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly record: LogRecord }
  | { readonly type: 'sealed'; readonly mark: StageMark }
  | { readonly type: 'done'; readonly outcome: Outcome }
  | { readonly type: 'failed'; readonly error: ErrorFields };
