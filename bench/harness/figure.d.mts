import type { Spread } from './statistics.mjs';

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: Spread;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
  readonly floor?: number;
}

export function isReached(figure: Figure): boolean | undefined;
