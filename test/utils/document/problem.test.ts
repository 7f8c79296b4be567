import { expect, test } from 'vitest';
import {
  type Problem,
  ProblemsError,
  pathText,
  renderProblem,
  throwProblems,
} from '../../../src/utils/document/problem.js';

const PROBLEM: Problem = {
  code: 'config.value',
  file: 'config.yml',
  line: 5,
  column: 10,
  source: '    uri: htp://x',
  path: ['runners', 0, 'uri'],
  message: 'expected a ws:// or wss:// address, got "htp://x"',
};

/** The shown line, and the character of it above the caret. */
function excerptOf(changes: Partial<Problem>) {
  const [, shown = '', caret = ''] = renderProblem({ ...PROBLEM, ...changes }).split('\n');
  return { shown, caret, pointedAt: caret.trim() === '^' ? shown[caret.indexOf('^')] : undefined };
}

function thrownBy(problems: readonly Problem[]): ProblemsError {
  try {
    throwProblems(problems);
  } catch (error) {
    if (error instanceof ProblemsError) return error;
    throw error;
  }
  throw new Error('expected a ProblemsError, nothing was thrown');
}

test('a problem shows place, expectation, value, code, the line with a caret, and the hint', () => {
  expect(renderProblem({ ...PROBLEM, hint: 'write wss://x' })).toBe(
    [
      'config.yml:5:10: runners[0].uri: expected a ws:// or wss:// address, got "htp://x"  [config.value]',
      '        uri: htp://x',
      '             ^',
      '    write wss://x',
    ].join('\n'),
  );
});

test('a problem of the whole file has no path before its message', () => {
  expect(renderProblem({ ...PROBLEM, path: [] })).toMatch(/^config\.yml:5:10: expected a ws/);
});

test('an empty line is not shown', () => {
  expect(renderProblem({ ...PROBLEM, source: '   ' }).split('\n')).toHaveLength(1);
});

test('the caret stands below its character when tabs stand before it', () => {
  expect(excerptOf({ source: '\t\turi: x', column: 8 })).toMatchObject({
    shown: '      uri: x',
    pointedAt: 'x',
  });
});

test('the caret may stand one behind the end of the line', () => {
  expect(excerptOf({ source: 'stage:', column: 7 }).caret).toBe('          ^');
});

test('a long line is cut, and the caret still stands below its character', () => {
  const source = `${'y'.repeat(300)}X${'z'.repeat(300)}`;
  const { shown, pointedAt } = excerptOf({ source, column: 301 });
  expect(pointedAt).toBe('X');
  expect(shown.length).toBeLessThan(200);
});

test('the end of a line written on Windows is not shown', () => {
  expect(renderProblem({ ...PROBLEM, source: '    uri: htp://x\r' })).not.toContain('\r');
});

test('control characters of the line are not shown as they stand', () => {
  expect(renderProblem({ ...PROBLEM, source: 'uri: \u{1b}[31mx\u{7}' })).not.toMatch(/[^\P{Cc}\n]/u);
});

test.each([
  [[], ''],
  [['runners'], 'runners'],
  [['runners', 0, 'stage', 'path'], 'runners[0].stage.path'],
  [['ignore', 1, 2], 'ignore[1][2]'],
])('the path %j is written %j', (path, text) => {
  expect(pathText(path)).toBe(text);
});

test('no problems, no error', () => {
  expect(() => throwProblems([])).not.toThrow();
});

test('all problems are thrown at once, in the order of their places', () => {
  const at = (line: number, column: number, file = 'b.yml') => ({ ...PROBLEM, file, line, column });
  const error = thrownBy([at(10, 1), at(2, 9), at(2, 1), at(99, 1, 'a.yml')]);
  const places = error.problems.map(({ file, line, column }) => `${file}:${line}:${column}`);
  expect(places).toEqual(['a.yml:99:1', 'b.yml:2:1', 'b.yml:2:9', 'b.yml:10:1']);
  expect(error.message.split('\n\n')).toHaveLength(4);
});

test('the error carries the code and the path of the first problem', () => {
  expect(thrownBy([PROBLEM])).toMatchObject({ code: 'config.value', path: 'runners[0].uri' });
});

test('the same problem is thrown once', () => {
  expect(thrownBy([PROBLEM, { ...PROBLEM }]).problems).toHaveLength(1);
});

test('two keys missing from one map are two problems', () => {
  const missing = (key: string): Problem => ({
    ...PROBLEM,
    path: ['postgres', key],
    message: 'it is missing',
  });
  expect(thrownBy([missing('user'), missing('database')]).problems).toHaveLength(2);
});
