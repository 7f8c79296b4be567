import { expect, test } from 'vitest';
import { blockLines } from '../../src/cli/live/block-lines.js';
import { LiveBlock } from '../../src/cli/live/live-block.js';
import { paintFor } from '../../src/cli/live/style.js';
import type { RunnerProgress } from '../../src/engine/progress/runner-progress.js';

const PLAIN = paintFor({ NO_COLOR: '1' });

const NOTHING: RunnerProgress = {
  name: 'x',
  type: 'consumer',
  state: 'working',
  perSecond: 0,
  messages: 0,
  bytes: 0,
  batches: 0,
  rows: 0,
  loaded: 0,
  dead: 0,
  ignored: 0,
  gaps: 0,
  restarts: 0,
  silentMs: undefined,
  waiting: undefined,
  lag: undefined,
  share: undefined,
};

const TRADES = {
  ...NOTHING,
  name: 'trades',
  perSecond: 12_400.4,
  messages: 38_204,
  ignored: 1,
  silentMs: 40,
};
const BOOK: RunnerProgress = {
  ...NOTHING,
  name: 'book',
  state: 'waiting',
  messages: 7,
  gaps: 2,
  restarts: 1,
};
const SINK: RunnerProgress = {
  ...NOTHING,
  name: 'warehouse',
  type: 'producer',
  perSecond: 12_380,
  loaded: 38_203,
  dead: 1,
  waiting: { batches: 1, bytes: 100 },
  lag: { p50Ms: 69, p99Ms: 1440 },
};

test('each runner has a line, with its figures below those of the same type', () => {
  expect(blockLines([TRADES, BOOK, SINK], { columns: 120, rows: 24 }, PLAIN)).toEqual([
    '● trades      12,400/s   38,204 received   1 ignored   0 gaps   last 0.0 s ago',
    '● book             0/s        7 received   0 ignored   2 gaps                    1 restart',
    '● warehouse   12,380/s   38,203 loaded   1 dead   1 batch waiting   lag 69 ms p50, 1.4 s p99',
  ]);
});

test.each([100, 80, 60, 40, 30, 20])('nothing is longer than a window of %i columns', (columns) => {
  const lines = blockLines([TRADES, BOOK, SINK], { columns, rows: 24 }, PLAIN);
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line.length).toBeLessThan(columns);
  if (columns >= 40) expect(lines[2]).toContain('38,203 loaded');
});

test('in a low window the last runners are counted', () => {
  const many = Array.from({ length: 30 }, (_, i) => ({ ...TRADES, name: `t${i}` }));
  const lines = blockLines(many, { columns: 80, rows: 10 }, PLAIN);
  expect(lines).toHaveLength(9);
  expect(lines.at(-1)).toBe('… and 22 more');
});

test('a source whose end is known has a bar', () => {
  expect(blockLines([{ ...TRADES, share: 0.5 }], { columns: 120, rows: 24 }, PLAIN)[0]).toContain(
    '██████░░░░░░  50 %',
  );
});

test.each([
  ['starting', '○'],
  ['blocked', '●'],
  ['ended', '✓'],
  ['failed', '✗'],
] as const)('a runner that is %s has the dot %s', (state, dot) => {
  expect(
    blockLines([{ ...TRADES, state }], { columns: 80, rows: 24 }, PLAIN)[0]?.startsWith(`${dot} trades`),
  ).toBe(true);
});

test('colours are there unless NO_COLOR is set', () => {
  const [coloured] = blockLines([BOOK], { columns: 120, rows: 24 }, paintFor({}));
  expect(coloured).toContain('\u001b[33m●\u001b[0m book');
});

test('the block is drawn in its own place, and what is printed stays above it, also when the window becomes narrower', () => {
  let written = '';
  const terminal = {
    columns: 20,
    rows: 10,
    write: (text: string) => {
      written += text;
    },
  };
  const block = new LiveBlock(terminal, () => ['first line', 'x'.repeat(19)]);
  block.start();
  block.print('an event\n');
  expect(written.endsWith(`\u001b[2A\r\u001b[0Jan event\nfirst line\n${'x'.repeat(19)}\n`)).toBe(true);
  terminal.columns = 10;
  block.stop();
  expect(written.endsWith(`\u001b[3A\r\u001b[0Jfirst line\n${'x'.repeat(19)}\n`)).toBe(true);
  block.print('after\n');
  expect(written.endsWith('after\n')).toBe(true);
});
