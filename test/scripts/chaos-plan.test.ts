import { expect, test } from 'vitest';
import { readOptions } from '../../scripts/chaos/options.mjs';
import { planChaos } from '../../scripts/chaos/schedule.mjs';
import { canRedraw, Screen } from '../../scripts/chaos/screen.mjs';
import { statusLine } from '../../scripts/chaos/status-line.mjs';

test('a plan is a function of its seed, and each has lives enough, cuts and crashes within its time', () => {
  expect(planChaos(3, 60)).toEqual(planChaos(3, 60));
  expect(planChaos(3, 60)).not.toEqual({ ...planChaos(4, 60), seed: 3 });
  for (let seed = 0; seed < 200; seed++) {
    const { lives, cuts, crashes, durationMs } = planChaos(seed, 10);
    expect(lives.reduce((sum, { lifeMs }) => sum + lifeMs, 0)).toBeGreaterThan(durationMs);
    for (const events of [cuts, crashes]) {
      expect(events.length).toBeGreaterThan(0);
      expect(events.every(({ atMs }) => atMs > 0 && atMs < durationMs)).toBe(true);
    }
  }
});

test('the line says what was done and what was found', () => {
  const counts = { killed: 14, cut: 9, crashed: 2, rows: 1_234_567, lost: 0, doubled: 0 };
  expect(statusLine(counts)).toBe(
    'killed 14 · COMMIT cut 9 · database crashed 2 · rows 1,234,567 · lost 0 · doubled 0',
  );
  expect(statusLine(counts, 80)).toBe('killed 14 · cut 9 · crashed 2 · rows 1,234,567 · lost 0 · doubled 0');
});

function shownBy(isLive: boolean, columns = 80): { screen: Screen; written: string[] } {
  const written: string[] = [];
  const stream = { columns, write: (text: string) => written.push(text) };
  return { screen: new Screen(stream, isLive), written };
}

test('on a terminal the line is drawn again below each event, no wider than the terminal', () => {
  const { screen, written } = shownBy(true, 8);
  screen.status('killed 1');
  screen.print('an event');
  screen.end();
  expect(written).toEqual(['\r\u001b[2Kkilled ', '\r\u001b[2Kan event\nkilled ', '\r\u001b[2K']);
});

test('elsewhere the line is one of many, and not each time', () => {
  const { screen, written } = shownBy(false);
  screen.status('killed 1');
  screen.status('killed 2');
  screen.print('an event');
  screen.end();
  expect(written).toEqual(['killed 1\n', 'an event\n']);
});

test('lines are redrawn on a terminal only, unless the environment says otherwise', () => {
  expect(canRedraw({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
  expect(canRedraw({}, {})).toBe(false);
  for (const env of [{ NO_COLOR: '1' }, { CI: 'true' }, { TERM: 'dumb' }])
    expect(canRedraw({ isTTY: true }, env)).toBe(false);
});

test('options have defaults and are checked', () => {
  expect(readOptions([])).toMatchObject({ isChaos: false });
  expect(readOptions(['--chaos'])).toEqual({ isChaos: true, seconds: 60, seed: 1 });
  expect(readOptions(['--chaos', '--seconds', '20', '--seed=7'])).toEqual({
    isChaos: true,
    seconds: 20,
    seed: 7,
  });
  expect(() => readOptions(['--chaos', '--seconds', '9'])).toThrow(
    '--seconds: expected a whole number from 10 to 600, got "9"',
  );
  expect(() => readOptions(['--seed', '1'])).toThrow('--seed: expected beside --chaos');
  expect(() => readOptions(['--cahos'])).toThrow(/Unknown option/);
});
