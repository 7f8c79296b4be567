export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

export function spreadOf(values: readonly number[]): Spread;

export function ratiosOf(dividends: readonly number[], divisors: readonly number[]): Spread;

export function percentile(values: readonly number[] | Float64Array, fraction: number): number;
