import { isReached } from '../harness/figure.mjs';

/**
 * A number as it is read by people.
 *
 * @param {number} value
 * @param {string} unit
 */
function numberText(value, unit) {
  if (unit === '×') return value.toFixed(2);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** @param {import('../harness/figure.mjs').Figure} figure */
export function valueText({ value, unit }) {
  const [median, min, max] = [value.median, value.min, value.max].map((one) => numberText(one, unit));
  const suffix = unit === '×' ? '' : ` ${unit}`;
  return value.n === 1 ? `${median}${suffix}` : `${median}${suffix} (${min}-${max})`;
}

/** @param {import('../harness/figure.mjs').Figure} figure */
function goalText({ goal }) {
  if (goal === undefined) return '';
  return 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
}

/** @param {import('../harness/figure.mjs').Figure} figure */
function reachedText(figure) {
  const reached = isReached(figure);
  if (reached === undefined) return '';
  return reached ? 'yes' : 'no';
}

/**
 * Lines of columns of one width.
 *
 * @param {readonly (readonly string[])[]} rows
 */
export function alignedLines(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

export const HEADINGS = ['', 'figure', 'goal', 'floor', 'median (min-max)', 'reached'];

/**
 * The cells of a table of results, a row a figure.
 *
 * @param {readonly import('./results.mjs').Result[]} results
 */
export function figureRows(results) {
  return results.flatMap(({ id, figures }) =>
    figures.map((figure) => [
      id,
      figure.name,
      goalText(figure),
      figure.floor === undefined ? '' : String(figure.floor),
      valueText(figure),
      reachedText(figure),
    ]),
  );
}
