import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../utils/duration.js';

/** Milliseconds of a duration option. */
export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('expected a duration such as 500ms, 10s or 5m');
  return ms;
}

/** A whole number of at least `min`, as an option's value. */
export function wholeNumberOption(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`expected a whole number of at least ${min}`);
  };
}

/** Gathers the values of an option that may be given several times. */
export function gatherOption(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
