import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isReached } from '../../bench/harness/figure.mjs';
import { readOptions } from '../../bench/options.mjs';
import { replaceBetween } from '../../bench/report/markers.mjs';
import { plotsOf } from '../../bench/report/plots.mjs';
import { mergeResults, type Result, readResults, writeResults } from '../../bench/report/results.mjs';
import { reportText } from '../../bench/report/tables.mjs';

const RUN = {
  commit: 'abc',
  at: '2024-02-29T12:00:00.000Z',
  rows: 1_000_000,
  rounds: 3,
  machine: { cpu: 'A & B', cores: 2, memoryGiB: 8, os: 'Linux' },
  versions: { node: 'v20' },
};

function resultOf(id: string, median: number): Result {
  const value = { median, min: median - 0.1, max: median + 0.1, n: 3 };
  const sample = (ms: number) => ({ ms, cpuSeconds: 1 });
  return {
    id,
    title: `workload <${id}>`,
    run: RUN,
    figures: [{ name: 'psql', unit: '×', value, goal: { atLeast: 1 }, floor: 0.5 }],
    series: { 'socket-el': [sample(20), sample(10), sample(30)], 'psql | CSV': [sample(15)] },
  };
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('new results take the place of those of the same workloads, in the order of their numbers', () => {
  const old = { workloads: [resultOf('W1', 0.1), resultOf('W3', 0.3)] };
  const { workloads } = mergeResults(old, [resultOf('W10', 1), resultOf('W3', 0.4), resultOf('W2', 0.2)]);
  const medians = workloads.map(({ id, figures }) => [id, figures[0]?.value.median]);
  expect(medians).toEqual([
    ['W1', 0.1],
    ['W2', 0.2],
    ['W3', 0.4],
    ['W10', 1],
  ]);
});

test('results come back from their file, numbers to six digits, and are none before', () => {
  const path = join(folder, 'results.json');
  expect(readResults(path)).toEqual({ workloads: [] });
  writeResults(path, { workloads: [resultOf('W1', 0.123456789)] });
  expect(readResults(path).workloads[0]?.figures[0]?.value.median).toBe(0.123457);
});

test('a goal is reached by the median, from below or from above', () => {
  const [low, high] = [0.9, 1.2].map((median) => resultOf('W1', median).figures[0]);
  if (low === undefined || high === undefined) throw new Error('expected two figures');
  expect([low, high].map(isReached)).toEqual([false, true]);
  expect([low, high].map((one) => isReached({ ...one, goal: { atMost: 1 } }))).toEqual([true, false]);
  const { goal: _, ...withoutGoal } = low;
  expect(isReached(withoutGoal)).toBeUndefined();
});

test('the report has the figures, the times with their spread, and on what they were measured', () => {
  const text = reportText([resultOf('W1', 0.9), resultOf('W2', 1.1)], ['performance/w1.svg']);
  expect(text).toContain('| W1 | psql | ≥ 1 | 0.5 | 0.90 (0.80-1.00) | no |');
  expect(text).toContain('| W2 | psql | ≥ 1 | 0.5 | 1.10 (1.00-1.20) | yes |');
  expect(text).toContain('| W1 | socket-el | 20.0 ms (10.0-30.0) |');
  expect(text).toContain('| W1 | psql \\| CSV | 15.0 ms |');
  expect(text).toContain('![times of W1](performance/w1.svg)');
  expect(text).toContain('- W1, W2: commit abc, 2024-02-29, 1,000,000 rows, 3 rounds; 2 cores of A & B');
});

test('there is a drawing of the goals, and one of each workload with several contenders', () => {
  const alone = { ...resultOf('W8', 1), series: { 'socket-el': [{ ms: 1, cpuSeconds: 1 }] } };
  const plots = plotsOf([resultOf('W1', 0.9), alone]);
  expect(Object.keys(plots).toSorted()).toEqual(['goals.svg', 'w1.svg']);
  expect(plots['goals.svg']?.match(/class="missed"/g)).toHaveLength(1);
  expect(plots['goals.svg']?.match(/class="reached"/g)).toHaveLength(1);
  expect(plots['w1.svg']).toMatch(/^<svg [^>]*viewBox="0 0 \d+ \d+"/);
});

test('only what is between the markers is replaced', () => {
  const page = 'before\n<!-- results -->\nold\n<!-- /results -->\nafter\n';
  expect(replaceBetween(page, 'results', 'new\n')).toBe(
    'before\n<!-- results -->\nnew\n<!-- /results -->\nafter\n',
  );
  expect(() => replaceBetween('before\n', 'results', 'new')).toThrow('expected the lines <!-- results -->');
});

test('options say what is measured and where results go', () => {
  const read = (...args: string[]) => readOptions(args, ['W1', 'W2', 'W10'], 'results.json');
  expect(read()).toMatchObject({
    only: ['W1', 'W2', 'W10'],
    rows: 1_000_000,
    rounds: 5,
    out: 'results.json',
  });
  expect(read('--only', 'w10,W1')).toMatchObject({ only: ['W1', 'W10'] });
  expect(read('--quick')).toMatchObject({ rows: 100_000, rounds: 3, out: undefined });
  expect(read('--quick', '--rounds', '1', '--out', 'x.json')).toMatchObject({ rounds: 1, out: 'x.json' });
  expect(() => read('--only', 'W3')).toThrow('--only: expected some of W1, W2, W10, got W3');
  expect(() => read('--rows', '1e-3')).toThrow('--rows: expected a whole number from 1 on, got "1e-3"');
});
