import type { Screen } from './screen.mjs';
import type { Stand } from './stand.mjs';
import type { Counts } from './status-line.mjs';

export interface ChaosRequest {
  readonly seed: number;
  readonly seconds: number;
  readonly version: 'embedded' | undefined;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly opened: (() => unknown)[];
}

export interface ChaosResult {
  readonly isExact: boolean;
  readonly counts: Counts;
  readonly stand: Stand;
}

export function runChaos(request: ChaosRequest): Promise<ChaosResult>;
