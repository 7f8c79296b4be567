/** Colours that are legible on white and on black; a reader's dark mode changes those of the text. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 14px; }
  .small { font-size: 11px; fill: #57606a; }
  .axis { stroke: #8c959f; stroke-width: 1; }
  .spread { stroke: #57606a; stroke-width: 1.5; }
  .goal { stroke: #bf5b04; stroke-width: 1.5; stroke-dasharray: 4 3; }
  .ours { fill: #3b7dd8; } .theirs { fill: #9aa4af; } .reached { fill: #2f9e5b; } .missed { fill: #d9822b; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .small { fill: #9da7b3; } .spread { stroke: #c9d1d9; } .goal { stroke: #f0a35e; }
  }`;

/**
 * @param {string} text
 */
function escapeText(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * An element with its attributes.
 *
 * @param {string} name
 * @param {Record<string, string | number>} attributes numbers are rounded to tenths
 * @param {string} [text]
 */
export function element(name, attributes, text = '') {
  const parts = Object.entries(attributes).map(([key, value]) => `${key}="${attributeText(value)}"`);
  return `<${[name, ...parts].join(' ')}>${escapeText(text)}</${name}>`;
}

function attributeText(value) {
  return typeof value === 'number' ? String(Number(value.toFixed(1))) : escapeText(value);
}

/**
 * A whole drawing.
 *
 * @param {{ width: number, height: number, title: string }} frame
 * @param {readonly string[]} elements
 */
export function drawing({ width, height, title }, elements) {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const head = element('text', { class: 'title', x: 8, y: 20 }, title);
  const lines = [element('title', {}, title), `<style>${STYLE}\n</style>`, head, ...elements];
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">\n${lines.join('\n')}\n</svg>\n`;
}
