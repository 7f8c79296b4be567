import type { Waiting } from '../../stages/upkeep/stage-watch.js';
import type { RunnerState } from '../../utils/runner-state.js';
import type { RunnerType } from '../factory.js';

/** How a runner stands at one moment of a run. Counts are of this run. */
export interface RunnerProgress {
  readonly name: string;
  readonly type: RunnerType;
  readonly state: RunnerState | 'ended' | 'failed';
  /** Over the last seconds: messages of a consumer, rows of a producer. */
  readonly perSecond: number;
  readonly messages: number;
  readonly bytes: number;
  readonly batches: number;
  readonly rows: number;
  readonly loaded: number;
  /** Messages that are no rows, and rows that found no place. */
  readonly dead: number;
  /** Messages that a rule passes over; of a consumer, what the producer says that has read the most. */
  readonly ignored: number;
  readonly gaps: number;
  readonly restarts: number;
  /** Milliseconds since the last message; undefined before the first. */
  readonly silentMs: number | undefined;
  /** Of a producer, what it has not loaded. */
  readonly waiting: Waiting | undefined;
  /** Milliseconds from reception to commit over the last minute. */
  readonly lag: { readonly p50Ms: number; readonly p99Ms: number } | undefined;
  /** Of a source whose end is known, how much of it was read, from 0 to 1. */
  readonly share: number | undefined;
}
