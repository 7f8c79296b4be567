/** @typedef {{ median: number, min: number, max: number, n: number }} Spread */

/**
 * Median, minimum and maximum.
 *
 * @param {readonly number[]} values at least one
 * @returns {Spread}
 */
export function spreadOf(values) {
  if (values.length === 0) throw new Error('spread: expected at least one value, got none');
  const sorted = values.toSorted((a, b) => a - b);
  return { median: middleOf(sorted), min: sorted[0], max: sorted.at(-1), n: sorted.length };
}

/** @param {readonly number[]} sorted */
function middleOf(sorted) {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * The ratios of values that were taken beside each other, round by round.
 *
 * @param {readonly number[]} dividends
 * @param {readonly number[]} divisors as many
 * @returns {Spread}
 */
export function ratiosOf(dividends, divisors) {
  if (dividends.length !== divisors.length)
    throw new Error(
      `ratios: expected as many divisors as dividends, ${dividends.length}, got ${divisors.length}`,
    );
  return spreadOf(dividends.map((dividend, round) => dividend / divisors[round]));
}

/**
 * The nearest-rank percentile.
 *
 * @param {readonly number[] | Float64Array} values at least one
 * @param {number} fraction
 * @returns {number}
 */
export function percentile(values, fraction) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)];
}
