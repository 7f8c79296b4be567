export function createRandom(seed: number): () => number;
export function between(random: () => number, low: number, high: number): number;
export function pick<T>(random: () => number, values: readonly T[]): T;
