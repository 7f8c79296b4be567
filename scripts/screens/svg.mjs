import { parseAnsi } from './ansi.mjs';

const CELL = { width: 8.4, height: 18 };
const PADDING = 16;
const BAR = 28;
const BACKGROUND = '#1b1f27';
const FOREGROUND = '#d7dce5';
const COLORS = {
  red: '#f07178',
  green: '#9ece6a',
  yellow: '#e6c46a',
  blue: '#7aa2f7',
  magenta: '#bb9af7',
  cyan: '#7dcfff',
};
const DOTS = ['#f07178', '#e6c46a', '#9ece6a'];

/**
 * A terminal's lines as a picture.
 *
 * @param {string[]} lines with escape sequences
 * @param {{ title: string, columns: number }} terminal
 */
export function toSvg(lines, { title, columns }) {
  const width = Math.ceil(columns * CELL.width + 2 * PADDING);
  const height = BAR + lines.length * CELL.height + 2 * PADDING;
  let style = {};
  const texts = lines.map((line, row) => {
    const parsed = parseAnsi(line, style);
    style = parsed.style;
    return textOf(parsed.spans, row);
  });
  const dots = DOTS.map((color, i) => `<circle cx="${PADDING + 6 + i * 18}" cy="16" r="5" fill="${color}"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${dots.join('')}
<text x="${width / 2}" y="20" fill="#8b93a3" font-family="sans-serif" font-size="12" text-anchor="middle">${escapeXml(title)}</text>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${FOREGROUND}" xml:space="preserve">
${texts.filter((text) => text !== '').join('\n')}
</g>
</svg>
`;
}

/** Each piece stands at its own column, so that a font of another width tears no column apart. */
function textOf(spans, row) {
  const y = BAR + PADDING + row * CELL.height + 13;
  let column = 0;
  const pieces = spans.map(({ text, color, isBold, isDim }) => {
    const x = (PADDING + column * CELL.width).toFixed(1);
    const length = (text.length * CELL.width).toFixed(1);
    column += text.length;
    if (text.trim() === '') return '';
    const fill = color === undefined ? '' : ` fill="${COLORS[color]}"`;
    const weight = isBold ? ' font-weight="bold"' : '';
    const opacity = isDim ? ' opacity="0.6"' : '';
    return `<tspan x="${x}" textLength="${length}"${fill}${weight}${opacity}>${escapeXml(text)}</tspan>`;
  });
  const content = pieces.join('');
  return content === '' ? '' : `<text y="${y}">${content}</text>`;
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
