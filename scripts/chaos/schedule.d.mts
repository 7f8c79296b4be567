export interface Plan {
  readonly seed: number;
  readonly durationMs: number;
  readonly lives: readonly { readonly lifeMs: number; readonly readMs?: number }[];
  readonly cuts: readonly { readonly atMs: number; readonly at: 'question' | 'answer' }[];
  readonly crashes: readonly { readonly atMs: number; readonly downMs: number }[];
}

export function planChaos(seed: number, seconds: number): Plan;
