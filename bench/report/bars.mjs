import { drawing, element } from './svg.mjs';

const [WIDTH, TOP, ROW, BAR, LABELS, VALUES] = [820, 36, 26, 14, 320, 150];

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {string} text at the right
 * @property {number} median in the chart's unit
 * @property {number} min
 * @property {number} max
 * @property {'ours' | 'theirs' | 'reached' | 'missed'} kind
 */

/**
 * Horizontal bars of medians with a line from minimum to maximum.
 *
 * @param {{ title: string, bars: readonly Bar[], mark?: number }} chart `mark`: a dashed line at that value
 */
export function barChart({ title, bars, mark }) {
  const height = TOP + bars.length * ROW + 12;
  const longest = Math.max(mark ?? 0, ...bars.map(({ max }) => max));
  const scale = (value) => LABELS + (value / longest) * (WIDTH - LABELS - VALUES);
  const rows = bars.flatMap((bar, index) => rowOf(bar, TOP + index * ROW, scale));
  const [top, bottom] = [TOP - 4, height - 8];
  const axis = element('line', { class: 'axis', x1: LABELS, x2: LABELS, y1: top, y2: bottom });
  const at = mark === undefined ? undefined : scale(mark);
  const goal =
    at === undefined ? [] : [element('line', { class: 'goal', x1: at, x2: at, y1: top, y2: bottom })];
  return drawing({ width: WIDTH, height, title }, [...rows, axis, ...goal]);
}

/**
 * @param {Bar} bar
 * @param {number} top
 * @param {(value: number) => number} scale
 */
function rowOf({ label, text, median, min, max, kind }, top, scale) {
  const [base, middle] = [top + BAR - 2, top + BAR / 2];
  return [
    element('text', { x: LABELS - 8, y: base, 'text-anchor': 'end' }, label),
    element('rect', { class: kind, x: LABELS, y: top, width: scale(median) - LABELS, height: BAR, rx: 2 }),
    element('line', { class: 'spread', x1: scale(min), x2: scale(max), y1: middle, y2: middle }),
    element('text', { class: 'small', x: WIDTH - VALUES + 12, y: base }, text),
  ];
}
