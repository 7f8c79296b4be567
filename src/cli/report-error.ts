import { CommanderError } from 'commander';
import { EXIT_CODE, exitCodeOf } from '../engine/exit-code.js';
import { ProblemsError } from '../utils/document/problem.js';
import { messageOf, SocketElError } from '../utils/errors.js';

/** Writes an error on standard error as a person can use it, and gives the exit code that goes with it. */
export function reportError(error: unknown, redact: (text: string) => string = (text) => text): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODE.done : EXIT_CODE.configuration;
  process.stderr.write(`${redact(errorText(error))}\n`);
  return error instanceof SocketElError ? exitCodeOf(error.code) : EXIT_CODE.failed;
}

function errorText(error: unknown): string {
  if (error instanceof ProblemsError) {
    const count = error.problems.length;
    return `${error.message}\n\n${count} ${count === 1 ? 'problem' : 'problems'}`;
  }
  if (!(error instanceof SocketElError))
    return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  const hint = error.hint === undefined ? '' : `\n    ${error.hint}`;
  return `error: ${messageOf(error)}  [${error.code}]${hint}`;
}
