import type { Waiting } from '../stages/upkeep/stage-watch.js';
import type { ErrorFields } from '../utils/errors.js';
import type { Ending, RunnerHandle } from './runner-handle.js';
import type { StopReason } from './thread-protocol.js';

type RunStatus = 'succeeded' | 'failed' | 'cancelled';
type EndedBy = 'source' | 'messages' | 'duration' | 'signal' | 'error';

/** One runner's part of a summary; what does not apply to its type is 0. */
export interface RunnerSummary {
  readonly name: string;
  readonly type: string;
  readonly variety: string;
  readonly status: RunStatus;
  readonly messages: number;
  readonly messages_decoded: number;
  readonly messages_dead: number;
  /** Messages of batches that the sink held already. */
  readonly messages_skipped: number;
  readonly rows: number;
  /** Of all rows, those that the fast lane read. */
  readonly rows_fast: number;
  readonly bytes: number;
  readonly batches: number;
  readonly loaded: number;
  /** Dead messages and dead rows. */
  readonly dead: number;
  /** Rows dropped because the configuration says so. */
  readonly discarded: number;
  /** Rows of a merge that another row of the same key took in. */
  readonly merged: number;
  /** Messages passed over by an `ignore` rule. */
  readonly ignored: number;
  readonly gaps: number;
  readonly restarts: number;
  readonly duplicates_skipped: number;
  /** What a producer left in the stages that it loads. */
  readonly waiting_batches: number;
  readonly waiting_bytes: number;
  readonly error?: ErrorFields | undefined;
}

/** What `run --json` prints. Times are RFC 3339. */
export interface RunSummary {
  readonly run_id: string;
  readonly status: RunStatus;
  readonly ended_by: EndedBy;
  readonly started_at: string;
  readonly ended_at: string;
  readonly runners: readonly RunnerSummary[];
}

/** How the run came to its end. */
export interface RunEnd {
  readonly runId: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly stop: StopReason | undefined;
  /** What each producer has left, by its name. */
  readonly waiting: ReadonlyMap<string, Waiting>;
}

/** Sums up a run that has ended. */
export function summarize(handles: readonly RunnerHandle[], end: RunEnd): RunSummary {
  const runners = handles.map((handle) => summarizeRunner(handle, end));
  return {
    run_id: end.runId,
    status: worstOf(runners),
    ended_by: endedByOf(handles, runners, end.stop),
    started_at: end.startedAt.toISOString(),
    ended_at: end.endedAt.toISOString(),
    runners,
  };
}

function worstOf(runners: readonly RunnerSummary[]): RunStatus {
  const has = (wanted: RunStatus) => runners.some(({ status }) => status === wanted);
  return has('failed') ? 'failed' : has('cancelled') ? 'cancelled' : 'succeeded';
}

function endedByOf(
  handles: readonly RunnerHandle[],
  runners: readonly RunnerSummary[],
  stop: StopReason | undefined,
): EndedBy {
  if (runners.some(({ status }) => status === 'failed')) return 'error';
  if (stop !== undefined) return stop;
  const isLimited = handles.some(
    ({ ending }) => ending !== undefined && 'outcome' in ending && ending.outcome === 'messages',
  );
  return isLimited ? 'messages' : 'source';
}

function summarizeRunner(handle: RunnerHandle, end: RunEnd): RunnerSummary {
  const { runner, counters, restarts, ending } = handle;
  const waiting = end.waiting.get(runner.name);
  const failure = ending !== undefined && 'error' in ending ? ending.error : undefined;
  const error = failure ?? unfinished(handle, end.stop) ?? imbalance(handle);
  const isProducer = runner.type === 'producer';
  return {
    name: runner.name,
    type: runner.type,
    variety: runner.variety,
    status: statusOf(ending, error),
    messages: counters.get('messages'),
    messages_decoded: counters.get('messages_decoded'),
    messages_dead: counters.get('messages_dead'),
    messages_skipped: counters.get('messages_skipped'),
    rows: counters.get('rows'),
    rows_fast: counters.get('rows_fast'),
    bytes: counters.get('bytes'),
    batches: counters.get('batches'),
    loaded: counters.get('loaded'),
    dead: isProducer ? counters.get('dead') + counters.get('messages_dead') : 0,
    discarded: counters.get('discarded'),
    merged: counters.get('merged'),
    ignored: counters.get('messages_ignored'),
    gaps: counters.get('gaps'),
    restarts,
    duplicates_skipped: counters.get('duplicates_skipped'),
    waiting_batches: waiting?.batches ?? 0,
    waiting_bytes: waiting?.bytes ?? 0,
    error,
  };
}

/** A run for a given time is meant to load what it received; a signal may come at any time. */
function unfinished({ ending, runner }: RunnerHandle, stop: StopReason | undefined): ErrorFields | undefined {
  if (stop !== 'duration' || runner.type !== 'producer' || !isCut(ending)) return undefined;
  const message = 'expected to load what is staged within the grace, did not';
  return { code: 'runner.aborted', message, hint: 'the next run goes on with it; --grace gives more time' };
}

function isCut(ending: Ending | undefined): boolean {
  return ending !== undefined && 'outcome' in ending && ['terminated', 'abandoned'].includes(ending.outcome);
}

/** Cancelled is who did not come to the end of its work, by nobody's fault. */
function statusOf(ending: Ending | undefined, error: ErrorFields | undefined): RunStatus {
  if (error !== undefined) return 'failed';
  return isCut(ending) ? 'cancelled' : 'succeeded';
}

/** Invariant 5: nothing disappears. */
function imbalance({ runner, counters }: RunnerHandle): ErrorFields | undefined {
  if (runner.type !== 'producer') return undefined;
  const messages = counters.get('messages');
  const parts = ['messages_decoded', 'messages_ignored', 'messages_dead', 'messages_skipped'] as const;
  const accounted = parts.reduce((sum, name) => sum + counters.get(name), 0);
  const rows = counters.get('rows');
  const outcomes = ['loaded', 'dead', 'discarded', 'merged'] as const;
  const landed = outcomes.reduce((sum, name) => sum + counters.get(name), 0);
  if (messages === accounted && rows === landed) return undefined;
  const message = `the accounts do not balance: ${messages} messages, ${accounted} accounted for; ${rows} rows, ${landed} loaded, dead, discarded or merged`;
  return {
    code: 'runner.accounting',
    message,
    hint: 'this is a fault of socket-el; the stage still has every message',
  };
}
