import { expect, test } from 'vitest';
import { exitCodeOf } from '../../src/engine/exit-code.js';

test.each([
  ['config.unknown_key', 2],
  ['profile.missing', 2],
  ['usage.argument', 2],
  ['environment.missing_variable', 2],
  ['environment.unavailable', 3],
  ['sink.refused', 3],
  ['stage.locked', 3],
  ['stage.disk', 3],
  ['source.refused', 1],
  ['runner.crash_loop', 1],
  ['runner.failed', 1],
] as const)('an error with the code %s ends the process with %i', (code, exit) => {
  expect(exitCodeOf(code)).toBe(exit);
});
