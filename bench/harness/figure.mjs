import { ratiosOf, spreadOf } from './statistics.mjs';

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} unit `×` for a ratio
 * @property {import('./statistics.mjs').Spread} value
 * @property {{ atLeast: number } | { atMost: number }} [goal]
 * @property {number} [floor] what a throw-away prototype reached
 */

/**
 * A figure of values that were taken round by round.
 *
 * @param {string} name
 * @param {string} unit
 * @param {readonly number[]} values
 * @param {Pick<Figure, 'goal' | 'floor'>} [judged]
 * @returns {Figure}
 */
export function figure(name, unit, values, judged = {}) {
  return { name, unit, value: spreadOf(values), ...judged };
}

/**
 * How many times as fast as a reference, round by round: its time by ours.
 *
 * @param {string} name
 * @param {{ theirs: readonly number[], ours: readonly number[] }} times
 * @param {Pick<Figure, 'goal' | 'floor'>} [judged]
 * @returns {Figure}
 */
export function speed(name, { theirs, ours }, judged = {}) {
  return { name, unit: '×', value: ratiosOf(theirs, ours), ...judged };
}

/**
 * Whether a figure's median reaches its goal; undefined without one.
 *
 * @param {Figure} figure
 */
export function isReached({ value, goal }) {
  if (goal === undefined) return undefined;
  return 'atLeast' in goal ? value.median >= goal.atLeast : value.median <= goal.atMost;
}
