import type { DocumentPath, Problem } from './problem.js';

/** What was read from a file, with the way back from a path in it to its line and column. */
export interface SourceDocument {
  readonly value: unknown;
  /** Whether its text and values must not be shown, as those of a profile. */
  readonly isSecret: boolean;
  /** A problem at the value a path leads to, or at its key. */
  problem(path: DocumentPath, at: 'key' | 'value', what: Pick<Problem, 'code' | 'message' | 'hint'>): Problem;
}
