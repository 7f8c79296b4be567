/** How many, and when in milliseconds. */
export type Count = readonly [number, number];

export function latenciesOf(ticks: readonly Count[], looks: readonly Count[], from: number): Float64Array;
