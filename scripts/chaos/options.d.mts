export function readOptions(args: readonly string[]): {
  readonly isChaos: boolean;
  readonly seconds: number;
  readonly seed: number;
};
