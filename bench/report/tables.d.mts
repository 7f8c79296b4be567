import type { Result } from './results.mjs';

export function reportText(results: readonly Result[], plots: readonly string[]): string;
