import type { Figure } from '../harness/figure.mjs';

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly run: Readonly<Record<string, unknown>>;
  readonly figures: readonly Figure[];
  readonly series: Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>;
}

export interface Results {
  readonly workloads: readonly Result[];
}

export function mergeResults(old: Results, fresh: readonly Result[]): Results;

export function readResults(path: string): Results;

export function writeResults(path: string, results: Results): void;
