export interface BenchOptions {
  readonly help: boolean;
  readonly quick: boolean;
  readonly only: readonly string[];
  readonly rows: number;
  readonly rounds: number;
  /** Undefined: results are only printed. */
  readonly out: string | undefined;
}

export const USAGE: string;

export function readOptions(
  args: readonly string[],
  known: readonly string[],
  resultsFile: string,
): BenchOptions;
