/** What a runner is about: `waiting` to try again, `blocked` until somebody helps. */
export const RUNNER_STATES = ['starting', 'working', 'waiting', 'blocked'] as const;

export type RunnerState = (typeof RUNNER_STATES)[number];
