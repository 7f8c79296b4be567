/** @typedef {{ text: string, color?: string, isBold?: boolean, isDim?: boolean }} Span a piece of a line in one style */

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const ESCAPE = /\u001b\[([0-9;]*)m/g;
const COLORS = { 31: 'red', 32: 'green', 33: 'yellow', 34: 'blue', 35: 'magenta', 36: 'cyan' };

/**
 * A line as a terminal shows it, as its pieces and the style that the next line begins with. Only the styles that
 * socket-el uses are known; what else there is counts as plain.
 *
 * @param {string} line with escape sequences
 * @param {Omit<Span, 'text'>} [style] that the line begins with
 * @returns {{ spans: Span[], style: Omit<Span, 'text'> }}
 */
export function parseAnsi(line, style = {}) {
  const spans = [];
  let current = style;
  let from = 0;
  for (const match of line.matchAll(ESCAPE)) {
    if (match.index > from) spans.push({ text: line.slice(from, match.index), ...current });
    current = match[1].split(';').reduce(styled, current);
    from = match.index + match[0].length;
  }
  if (from < line.length) spans.push({ text: line.slice(from), ...current });
  return { spans, style: current };
}

function styled(style, code) {
  if (code === '' || code === '0') return {};
  if (code === '1') return { ...style, isBold: true };
  if (code === '2') return { ...style, isDim: true };
  if (code === '22') return { color: style.color };
  if (code === '39') return { ...style, color: undefined };
  return code in COLORS ? { ...style, color: COLORS[code] } : style;
}
