import type { ErrorCode } from '../utils/errors.js';

/** Exit codes of the process. A second signal gives 128 and its number. */
export const EXIT_CODE = { done: 0, failed: 1, configuration: 2, environment: 3 } as const;

const CONFIGURATION = /^(config|profile|usage)\.|^environment\.(missing_variable|unreadable_file)$/;
const ENVIRONMENT = /^(environment|stage|sink)\./;

/** The exit code of an error, by its code alone. */
export function exitCodeOf(code: ErrorCode): number {
  if (CONFIGURATION.test(code)) return EXIT_CODE.configuration;
  return ENVIRONMENT.test(code) ? EXIT_CODE.environment : EXIT_CODE.failed;
}
