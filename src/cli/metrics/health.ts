import type { RunnerProgress } from '../../engine/progress/runner-progress.js';

/** How one runner is, for who watches over the process. */
export interface RunnerHealth {
  readonly name: string;
  readonly state: RunnerProgress['state'];
  /** Why it is not well; undefined when it is. */
  readonly reason: string | undefined;
}

/** What is looked at. */
export interface HealthQuestion {
  readonly runners: readonly RunnerProgress[];
  /** Milliseconds since the run began. */
  readonly runningMs: number;
  /** So long may nothing flow; 0: for ever. */
  readonly staleAfterMs: number;
}

/** Whether the run does its work: no runner has failed, and something flows wherever it should. */
export function livenessOf(question: HealthQuestion): readonly RunnerHealth[] {
  return question.runners.map((runner) => ({
    name: runner.name,
    state: runner.state,
    reason: runner.state === 'failed' ? 'it has failed' : staleness(runner, question),
  }));
}

/** The same, and every runner has its source or sink right now. */
export function readinessOf(question: HealthQuestion): readonly RunnerHealth[] {
  return livenessOf(question).map((health) => ({
    ...health,
    reason: health.reason ?? absence(health.state),
  }));
}

function staleness(runner: RunnerProgress, { runningMs, staleAfterMs }: HealthQuestion): string | undefined {
  const silentMs = runner.silentMs ?? runningMs;
  if (staleAfterMs === 0 || runner.state === 'ended' || silentMs < staleAfterMs) return undefined;
  const seconds = Math.floor(silentMs / 1000);
  if (runner.type === 'consumer') return `nothing received for ${seconds} s`;
  const { batches = 0 } = runner.waiting ?? {};
  return batches === 0 ? undefined : `nothing loaded for ${seconds} s, though ${batches} batches wait`;
}

function absence(state: RunnerProgress['state']): string | undefined {
  if (state === 'starting') return 'it is starting';
  if (state === 'waiting') return 'it cannot reach its source or sink, and tries again';
  return state === 'blocked' ? 'its sink refuses what it loads' : undefined;
}
