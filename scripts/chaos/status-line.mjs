/**
 * @typedef {object} Counts what the line shows
 * @property {number} killed
 * @property {number} cut
 * @property {number} crashed
 * @property {number} rows
 * @property {number} lost
 * @property {number} doubled
 */

/** @param {number} count */
export function grouped(count) {
  return count.toLocaleString('en-US');
}

/**
 * @param {Readonly<Counts>} counts
 * @param {number} [columns] that there are; when they are too few, shorter words stand for what was done
 * @returns {string}
 */
export function statusLine(
  { killed, cut, crashed, rows, lost, doubled },
  columns = Number.POSITIVE_INFINITY,
) {
  const found = [`rows ${grouped(rows)}`, `lost ${grouped(lost)}`, `doubled ${grouped(doubled)}`];
  const whole = [`killed ${killed}`, `COMMIT cut ${cut}`, `database crashed ${crashed}`, ...found].join(
    ' · ',
  );
  const short = [`killed ${killed}`, `cut ${cut}`, `crashed ${crashed}`, ...found].join(' · ');
  return whole.length < columns ? whole : short;
}

/**
 * An event with its time.
 *
 * @param {number} ms since the beginning
 * @param {string} text
 */
export function eventLine(ms, text) {
  return `${(ms / 1000).toFixed(1).padStart(6)} s  ${text}`;
}

/**
 * A table whose first column is text and whose others are numbers.
 *
 * @param {readonly (readonly (string | number)[])[]} rows the first is the heading
 * @returns {string[]}
 */
export function alignedLines(rows) {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? grouped(cell) : cell)));
  const widths = cells[0].map((_, index) => Math.max(...cells.map((row) => row[index].length)));
  const pad = (text, index) => (index === 0 ? text.padEnd(widths[0]) : text.padStart(widths[index]));
  return cells.map((row) => `  ${row.map(pad).join('  ')}`);
}
