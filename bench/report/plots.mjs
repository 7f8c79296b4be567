import { isReached } from '../harness/figure.mjs';
import { valuesOf } from '../harness/rounds.mjs';
import { spreadOf } from '../harness/statistics.mjs';
import { barChart } from './bars.mjs';
import { valueText } from './text.mjs';

/** What is far beyond its goal is cut off, so that the others can be told apart. */
const MOST = 3;
const OURS = /^socket-el/;

/**
 * Drawings of results by file name.
 *
 * @param {readonly import('./results.mjs').Result[]} results
 * @returns {Record<string, string>}
 */
export function plotsOf(results) {
  const charts = results
    .filter(hasContenders)
    .map((result) => [`${result.id.toLowerCase()}.svg`, timesOf(result)]);
  return { 'goals.svg': goalsOf(results), ...Object.fromEntries(charts) };
}

/** How far each figure with a goal is, so that more is better; the goal is 1. */
function goalsOf(results) {
  const figures = results.flatMap(({ id, figures }) => figures.map((figure) => ({ ...figure, id })));
  const bars = figures.filter(({ goal }) => goal !== undefined).map(goalBar);
  return barChart({ title: 'Measured by goal: beyond the dashed line it is reached', bars, mark: 1 });
}

function goalBar(figure) {
  const { value, goal, id, name } = figure;
  const share = (one) => Math.min(MOST, 'atLeast' in goal ? one / goal.atLeast : goal.atMost / one);
  const [low, high] = [share(value.min), share(value.max)].toSorted((a, b) => a - b);
  return {
    label: shortened(`${id} ${name}`),
    text: valueText(figure),
    median: share(value.median),
    min: low,
    max: high,
    kind: isReached(figure) ? 'reached' : 'missed',
  };
}

/** Text runs out of its column otherwise. */
function shortened(text) {
  return text.length > 42 ? `${text.slice(0, 41)}…` : text;
}

/** Only where different contenders did the same. */
function hasContenders({ series }) {
  const names = Object.keys(series);
  return (
    names.some((name) => OURS.test(name)) && names.some((name) => !OURS.test(name) && isTimed(series[name]))
  );
}

const isTimed = (samples) => samples.every(({ cpuSeconds }) => cpuSeconds !== undefined);

function timesOf({ id, series }) {
  const bars = Object.entries(series).map(([name, samples]) => {
    const value = spreadOf(valuesOf(samples, 'ms'));
    const kind = OURS.test(name) ? 'ours' : 'theirs';
    return { ...value, label: shortened(name), text: valueText({ value, unit: 'ms' }), kind };
  });
  return barChart({ title: `${id}: times, less is better`, bars });
}
