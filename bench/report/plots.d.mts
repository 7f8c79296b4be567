import type { Result } from './results.mjs';

export function plotsOf(results: readonly Result[]): Record<string, string>;
