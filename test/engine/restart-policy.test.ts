import { expect, test } from 'vitest';
import { RestartPolicy } from '../../src/engine/restart-policy.js';

const FAULT = { code: 'runner.failed', message: 'a fault' } as const;

test('a failed runner is started again, with growing waits', () => {
  const policy = new RestartPolicy();
  const verdicts = [0, 1, 2, 3].map((second) => policy.judge(FAULT, second * 1000));
  for (const [attempt, verdict] of verdicts.entries()) {
    expect(verdict).toHaveProperty('restartInMs');
    if ('restartInMs' in verdict) expect(verdict.restartInMs).toBeLessThanOrEqual(200 * 2 ** attempt);
  }
});

test('the fifth failure within a minute ends the runner as a crash loop that keeps the reason', () => {
  const policy = new RestartPolicy();
  for (const second of [0, 1, 2, 3]) policy.judge(FAULT, second * 1000);
  expect(policy.judge(FAULT, 59_000)).toEqual({
    giveUp: {
      code: 'runner.crash_loop',
      message: 'failed 5 times within a minute, the last time with: a fault',
    },
  });
});

test('failures that are more than a minute apart never end the runner', () => {
  const policy = new RestartPolicy();
  for (let minute = 0; minute < 50; minute++) {
    expect(policy.judge(FAULT, minute * 61_000)).toHaveProperty('restartInMs');
  }
});

test.each([
  'source.refused',
  'stage.locked',
  'config.value',
  'profile.unknown',
  'source.position_lost',
] as const)('an error that another start would meet again ends the runner at once: %s', (code) => {
  const error = { code, message: 'no' };
  expect(new RestartPolicy().judge(error, 0)).toEqual({ giveUp: error });
});
