import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JSON_KIND } from '../../../src/utils/json/json-kind.js';
import { JsonScanner, MAX_JSON_DEPTH } from '../../../src/utils/json/json-scanner.js';
import { type JsonSpan, scalarValue } from '../../../src/utils/json/json-text.js';
import { elementsOf, takeSpan } from '../../../src/utils/rows/find-spans.js';

/** The document between other bytes, so that reading over either end is noticed. */
function scan(document: Buffer, before = '"x', after = '"]}'): { scanner: JsonScanner; span: JsonSpan } {
  const bytes = Buffer.concat([Buffer.from(before), document, Buffer.from(after)]);
  const scanner = new JsonScanner();
  scanner.reset(bytes, before.length, before.length + document.length);
  scanner.value();
  const span = takeSpan(scanner);
  scanner.finish();
  return { scanner, span };
}

function isAccepted(text: string | Buffer): boolean {
  try {
    scan(Buffer.from(text as string));
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'row.malformed' });
    return false;
  }
}

const isWellFormed = (text: string) => Buffer.from(text).toString() === text;

/** Whether `JSON.parse` takes it and every string in it, keys and repeated keys too, is well-formed. */
function isExpected(text: string): boolean {
  try {
    JSON.parse(text);
  } catch {
    return false;
  }
  const strings = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return strings.every((string) => isWellFormed(JSON.parse(string) as string));
}

const anyBlank = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 2 });
const anyCharacter = fc.oneof(
  fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 1 }),
  fc.constantFrom(
    '\\n',
    '\\"',
    '\\\\',
    '\\/',
    '\\b',
    '\\f',
    '\\r',
    '\\t',
    '\\u0000',
    '\\u00e9',
    '\\uD83D\\uDe00',
  ),
  fc.constantFrom('\u2028', '\u2029', '\ufeff', '\u007f', '😀', 'ü', '\\u2028', '\\ud800', '\\uDC00'),
);
const anyString = fc
  .array(anyCharacter, { maxLength: 6 })
  .map((parts) => `"${parts.map((part) => (part === '"' || part === '\\' ? `\\${part}` : part)).join('')}"`);
const anyNumber = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.constantFrom('0', '7', '10', '9007199254740993', '12345678901234567890'),
    fc.constantFrom('', '.0', '.10', '.5', '.000001'),
    fc.constantFrom('', 'e5', 'E+5', 'e-05', 'e400', 'E0'),
  )
  .map((parts) => parts.join(''));
const { anyJson } = fc.letrec<{ anyJson: string; anyList: string; anyObject: string }>((tie) => ({
  anyJson: fc
    .tuple(
      anyBlank,
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('true', 'false', 'null'),
        anyNumber,
        anyString,
        tie('anyList'),
        tie('anyObject'),
      ),
      anyBlank,
    )
    .map((parts) => parts.join('')),
  anyList: fc.array(tie('anyJson'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
  anyObject: fc
    .array(fc.tuple(anyBlank, fc.oneof(anyString, fc.constantFrom('"a"', '"__proto__"')), tie('anyJson')), {
      maxLength: 4,
    })
    .map(
      (members) => `{${members.map(([blank, key, value]) => `${blank}${key}${blank}:${value}`).join(',')}}`,
    ),
}));

const NASTY_BYTES = Buffer.from('{}[]",:\\/u0189dDeE+-.tfnrb \n\t\0\u0001\u007f\u00ff', 'latin1');
const anyMutation = fc.record({
  at: fc.nat(),
  drop: fc.integer({ min: 0, max: 2 }),
  insert: fc.array(fc.constantFrom(...NASTY_BYTES), { maxLength: 2 }),
});

function mutate(text: string, mutations: readonly { at: number; drop: number; insert: number[] }[]): Buffer {
  let bytes = Buffer.from(text);
  for (const { at, drop, insert } of mutations) {
    const place = at % (bytes.length + 1);
    bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from(insert), bytes.subarray(place + drop)]);
  }
  return bytes;
}

/** The value that the spans stand for, put together from the bytes they mark. */
function rebuild(scanner: JsonScanner, span: JsonSpan): unknown {
  const { bytes } = scanner;
  if (span.kind === JSON_KIND.array)
    return elementsOf(scanner, span).map((element) => rebuild(scanner, element));
  if (span.kind !== JSON_KIND.object) return scalarValue(bytes, span);
  const members: (readonly [string, JsonSpan])[] = [];
  scanner.reset(bytes, span.start, span.stop);
  scanner.open('{');
  for (let first = true; scanner.next('}', first); first = false) {
    scanner.key();
    const key = scalarValue(bytes, { ...takeSpan(scanner), kind: JSON_KIND.string }) as string;
    scanner.value();
    members.push([key, takeSpan(scanner)]);
  }
  return Object.fromEntries(members.map(([key, value]) => [key, rebuild(scanner, value)]));
}

describe('against JSON.parse', () => {
  test('every generated document is accepted exactly when JSON.parse accepts it and its text is well-formed', () => {
    const property = fc.property(anyJson, (text) => {
      expect(isAccepted(text)).toBe(isExpected(text));
    });
    fc.assert(property, { numRuns: 3000 });
  });

  test('every document with some bytes changed is accepted exactly when JSON.parse accepts it and its text is well-formed', () => {
    const anyMutations = fc.array(anyMutation, { minLength: 1, maxLength: 3 });
    let accepted = 0;
    const property = fc.property(anyJson, anyMutations, (text, mutations) => {
      const bytes = mutate(text, mutations);
      fc.pre(isUtf8(bytes));
      const expected = isExpected(bytes.toString());
      accepted += expected ? 1 : 0;
      expect(isAccepted(bytes), bytes.toString()).toBe(expected);
    });
    fc.assert(property, { numRuns: 10_000 });
    expect(accepted, 'the changes leave some documents whole').toBeGreaterThan(500);
  });

  test('any short string of nasty bytes is accepted exactly when JSON.parse accepts it', () => {
    const anyBytes = fc.array(fc.constantFrom(...NASTY_BYTES), { minLength: 0, maxLength: 6 });
    const property = fc.property(anyBytes, (values) => {
      const bytes = Buffer.from(values);
      fc.pre(isUtf8(bytes));
      expect(isAccepted(bytes), JSON.stringify(bytes.toString())).toBe(isExpected(bytes.toString()));
    });
    fc.assert(property, { numRuns: 20_000 });
  });

  test('what the spans mark is the value that JSON.parse gives', () => {
    const property = fc.property(anyJson, (text) => {
      fc.pre(isExpected(text));
      const { scanner, span } = scan(Buffer.from(text));
      expect(JSON.stringify(rebuild(scanner, span))).toBe(JSON.stringify(JSON.parse(text)));
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test('a span is the value without the white space around it, and says whether a backslash is in it', () => {
    const property = fc.property(anyJson, (text) => {
      fc.pre(isExpected(text));
      const { scanner, span } = scan(Buffer.from(text));
      const marked = Buffer.from(scanner.bytes.subarray(span.start, span.stop)).toString();
      expect(marked).toBe(text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, ''));
      expect(span.escaped).toBe(text.includes('\\'));
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

const REFUSED = [
  ['nothing', ''],
  ['white space only', ' \n\t'],
  ['a number ending with a point', '1.'],
  ['a leading zero', '01'],
  ['a negative leading zero', '-01'],
  ['two zeros', '00'],
  ['a number beginning with a point', '.5'],
  ['a sign alone', '-'],
  ['a plus sign', '+1'],
  ['an exponent without digits', '1e'],
  ['an exponent with a sign alone', '1e+'],
  ['a point before the exponent', '1.e5'],
  ['hexadecimal', '0x10'],
  ['NaN', 'NaN'],
  ['Infinity', '-Infinity'],
  ['a word too short', 'tru'],
  ['a word too long', 'truee'],
  ['a word in capitals', 'True'],
  ['undefined', 'undefined'],
  ['a trailing comma in an object', '{"a":1,}'],
  ['a trailing comma in an array', '[1,]'],
  ['a leading comma', '[,1]'],
  ['two commas', '[1,,2]'],
  ['no comma', '[1 2]'],
  ['no colon', '{"a" 1}'],
  ['two colons', '{"a"::1}'],
  ['a key without quotes', '{a:1}'],
  ['a number as key', '{1:1}'],
  ['single quotes', "'a'"],
  ['an open object', '{"a":1'],
  ['an open array', '[1'],
  ['the wrong bracket', '[1}'],
  ['an open string', '"a'],
  ['a backslash before the end', '"a\\'],
  ['an escape that does not exist', '"\\x41"'],
  ['an escaped line break', '"\\\n"'],
  ['three hexadecimal digits', '"\\u123"'],
  ['no hexadecimal digits', '"\\u12G4"'],
  ['a line break in a string', '"a\nb"'],
  ['a tab in a string', '"a\tb"'],
  ['a NUL in a string', '"a\0b"'],
  ['a comment', '/* */1'],
  ['two documents', '{}{}'],
  ['a byte order mark', '\ufeff{}'],
  ['a no-break space', '\u00a01'],
  ['a form feed', '\f1'],
  ['a vertical tab', '\v1'],
] as const;

test.each(REFUSED)('%s is refused, as by JSON.parse', (_, text) => {
  expect(isExpected(text)).toBe(false);
  expect(isAccepted(text)).toBe(false);
});

test.each([
  ['a high surrogate alone', '"\\ud800"'],
  ['a low surrogate alone', '"\\udc00"'],
  ['surrogates in the wrong order', '"\\udc00\\ud800"'],
  ['a high surrogate before another escape', '"\\ud800\\n"'],
  ['a high surrogate before other text', '"\\ud800x"'],
  ['two high surrogates', '"\\ud800\\ud800"'],
  ['a high surrogate in a key', '{"\\ud83d":1}'],
  ['a high surrogate whose low one lies behind the closing quote', '["\\ud83d","\\ude00"]'],
  ['a high surrogate in a value that a repeated key replaces', '{"a":"\\ud83d","a":1}'],
])('%s is refused, though JSON.parse takes it', (_, text) => {
  expect(() => JSON.parse(text)).not.toThrow();
  expect(isAccepted(text)).toBe(false);
});

test.each([
  '0',
  '-0',
  '-0.0e-0',
  '1e400',
  '1E+5',
  '12345678901234567890.10',
  '"\\u0000"',
  '"\\uD83D\\uDE00"',
  '"\u2028\u2029\u007f"',
  '{"":""}',
  '{"__proto__":1,"constructor":2}',
  '{"a":1,"a":2}',
  ' [ ] ',
  '{ }',
  '[[],{},[{}]]',
])('%s is accepted', (text) => {
  expect(isAccepted(text)).toBe(true);
});

test('a document of a thousand levels is accepted, and one more is refused', () => {
  const arrays = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  for (const nest of [arrays, objects]) {
    expect(isAccepted(nest(MAX_JSON_DEPTH))).toBe(true);
    expect(isAccepted(nest(MAX_JSON_DEPTH + 1))).toBe(false);
  }
});

test.each(['[', '{"a":', '[{"a":'])(
  'a hundred thousand levels of %s are refused, and the process lives',
  (open) => {
    expect(isAccepted(open.repeat(100_000))).toBe(false);
  },
);

test('an error names the place from the beginning of the document, what was expected and what stands there', () => {
  expect(() => scan(Buffer.from('{"a":1,}'))).toThrow(/at byte 7, got "}"/);
  expect(() => scan(Buffer.from('[1'))).toThrow(/at byte 2, got the end/);
  expect(() => scan(Buffer.from('"\u0001"'))).toThrow(/at byte 1, got byte 0x01/);
});
