import { expect, test } from 'vitest';
import type { DocumentPath } from '../../../src/utils/document/problem.js';
import { ProblemsError } from '../../../src/utils/document/problem.js';
import { YamlDocument } from '../../../src/utils/document/yaml-document.js';

const WHAT = { code: 'config.value', message: 'expected something else' } as const;

const parse = (text: string) => new YamlDocument('config.yml', Buffer.from(text));

function placeOf(text: string, path: DocumentPath, at: 'key' | 'value'): string {
  const { line, column } = parse(text).problem(path, at, WHAT);
  return `${line}:${column}`;
}

function problemsOf(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return error.problems.map(({ line, column, code }) => `${line}:${column} ${code}`);
  }
}

const TEXT = `name: feeds
runners:
  - name: trades
    stage: {type: local, path: 'tmp'}
  - name: out
    depends_on:
      - trades
`;

test('a document is plain data', () => {
  expect(parse(TEXT).value).toEqual({
    name: 'feeds',
    runners: [
      { name: 'trades', stage: { type: 'local', path: 'tmp' } },
      { name: 'out', depends_on: ['trades'] },
    ],
  });
});

test.each([
  [['name'], 'key', '1:1'],
  [['name'], 'value', '1:7'],
  [['runners', 0], 'value', '3:5'],
  [['runners', 0, 'stage', 'path'], 'key', '4:26'],
  [['runners', 0, 'stage', 'path'], 'value', '4:32'],
  [['runners', 1, 'depends_on', 0], 'value', '7:9'],
  [[], 'value', '1:1'],
] as const)('the path %j leads to its %s at %s', (path, at, place) => {
  expect(placeOf(TEXT, path, at)).toBe(place);
});

test.each([
  [['runners', 0, 'uri'], '3:5'],
  [['runners', 0, 'stage', 'size'], '4:12'],
  [['runners', 0, 'stage', 'size', 'deeper'], '4:12'],
  [['runners', 7], '3:3'],
] as const)('a path %j that leads nowhere is shown at what lacks it, at %s', (path, place) => {
  expect(placeOf(TEXT, path, 'value')).toBe(place);
});

test('a place inside an alias is where the anchor stands', () => {
  const text = 'x: &x {a: 1}\ny: *x\n';
  expect(placeOf(text, ['y', 'a'], 'value')).toBe('1:11');
  expect(placeOf(text, ['y'], 'value')).toBe('2:4');
});

test('a place inside what was merged is where the anchor stands', () => {
  const text = 'x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\n';
  expect(parse(text).value).toMatchObject({ y: { a: 1, b: 2 } });
  expect(placeOf(text, ['y', 'a'], 'value')).toBe('1:11');
  expect(placeOf(text, ['y', 'b'], 'value')).toBe('4:6');
});

test('columns count from 1 behind a byte order mark and at Windows line ends', () => {
  expect(placeOf('\u{feff}name: x\r\nother: y\r\n', ['name'], 'value')).toBe('1:7');
  expect(placeOf('\u{feff}name: x\r\nother: y\r\n', ['other'], 'value')).toBe('2:8');
  expect(parse('name: x\r\n').problem(['name'], 'key', WHAT).source).toBe('name: x');
});

test.each([
  ['no', 'no'],
  ['off', 'off'],
  ['true', true],
  ['~', null],
  ['"012"', '012'],
  ['1.50', 1.5],
  ['0x1F', 31],
  ['1_000', '1_000'],
  ['2019-10-16', '2019-10-16'],
  ['12:30:45', '12:30:45'],
])('%s is read by the core schema of YAML 1.2', (text, value) => {
  expect(parse(`a: ${text}\n`).value).toEqual({ a: value });
});

test('__proto__ and constructor are keys like others', () => {
  const value = parse('__proto__: {polluted: 1}\nconstructor: 2\n').value as object;
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test.each([
  ['a doubled key', 'a: 1\nb: 2\na: 3\n', ['3:1 config.duplicate']],
  ['two doubled keys', 'a: 1\na: 2\nb: {c: 1, c: 2}\n', ['2:1 config.duplicate', '3:11 config.duplicate']],
  ['a doubled key in two spellings', '1: a\n"1": b\n', ['2:1 config.duplicate']],
  ['a tag', 'a: !secret x\n', ['1:4 config.yaml']],
  ['a tab', 'a:\n\tb: 1\n', ['2:1 config.tabs']],
  ['an alias without anchor', 'a: *b\n', ['1:4 config.yaml']],
  ['an alias inside its own anchor', 'a: &a [*a]\n', ['1:8 config.yaml']],
  ['an older version', '%YAML 1.1\n---\na: no\n', ['1:1 config.yaml']],
  ['a second document', 'a: 1\n---\nb: 2\n', ['2:1 config.yaml']],
])('%s is refused at its place', (_, text, expected) => {
  expect(problemsOf(text)).toEqual(expected);
});

test('an alias that cannot be resolved is not called one too many', () => {
  expect(() => parse('a: *nowhere\n')).toThrow(/nowhere/);
  expect(() => parse('a: *nowhere\n')).not.toThrow(/expected at most/);
});

test('a doubled key is named, with the place of the first', () => {
  expect(() => parse('a: 1\nuri: x\nuri: y\n')).toThrow(/uri.*line 2/);
});

test('a hundred levels pass and five hundred do not', () => {
  const nested = (depth: number) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
  expect(problemsOf(nested(99))).toEqual([]);
  expect(problemsOf(nested(500))).toEqual(['1:1 config.yaml']);
});

test('a hundred aliases are enough, and a million are refused', () => {
  const aliases = (count: number) => `x: &x [1]\ny: [${Array(count).fill('*x').join(', ')}]\n`;
  expect(problemsOf(aliases(90))).toEqual([]);
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (const [index, name] of [...'bcdef'].entries())
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${'abcde'[index]}`).join(', ')}]`);
  expect(problemsOf(`${bomb.join('\n')}\n`)).toHaveLength(1);
});

test.each([
  ['after plain text', Buffer.from([0x61, 0x3a, 0x20, 0xff]), '1:4'],
  ['on a later line', Buffer.from([0x61, 0x0a, 0xc3, 0xa4, 0x62, 0xe9, 0x20, 0x0a, 0x63]), '2:3'],
  ['at the very start', Buffer.from([0xfe, 0x61]), '1:1'],
  ['cut at the end', Buffer.from([0x61, 0xe2, 0x82]), '1:2'],
])('a byte that is not UTF-8 %s is found', (_, bytes, place) => {
  try {
    new YamlDocument('config.yml', bytes);
    expect.unreachable();
  } catch (error) {
    const [problem] = (error as ProblemsError).problems ?? [];
    expect(`${problem?.line}:${problem?.column} ${problem?.code}`).toBe(`${place} config.encoding`);
  }
});

test('every place of a broken byte in a long text is exact', () => {
  const text = Buffer.from(Array.from({ length: 50 }, (_, index) => `k${index}: ä${index}\n`).join(''));
  for (let at = 0; at < text.length; at += 7) {
    const before = text.subarray(0, at);
    if ((text[at] as number) >= 0x80) continue;
    const lines = before.toString('utf8').split('\n');
    const bytes = Buffer.concat([before, Buffer.from([0xff]), text.subarray(at)]);
    expect(() => new YamlDocument('c', bytes)).toThrow(
      `c:${lines.length}:${(lines.at(-1) ?? '').length + 1}: `,
    );
  }
});
