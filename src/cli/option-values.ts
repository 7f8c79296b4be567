import { InvalidArgumentError } from 'commander';
import { formatDuration, parseDuration } from '../utils/duration.js';
import { MAX_DURATION_MS } from '../utils/settings.js';

/** Milliseconds of a duration option. */
export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('expected a duration such as 500ms, 10s or 5m');
  if (ms > MAX_DURATION_MS)
    throw new InvalidArgumentError(`expected at most ${formatDuration(MAX_DURATION_MS)}`);
  return ms;
}

/** A whole number in [min, max], as an option's value. */
export function wholeNumberOption(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
  };
}

/** Gathers the values of an option that may be given several times. */
export function gatherOption(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
